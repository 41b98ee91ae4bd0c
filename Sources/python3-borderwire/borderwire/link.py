"""A peer's sockets: CURVE, what becomes of the connection to control, and requests with their numbers."""

from __future__ import annotations

import logging
import socket
import time
import zlib
from typing import Any

import zmq
from zmq.utils.monitor import parse_monitor_message

from .errors import HubUnreachable, Malformed, Refused
from .frames import Body, decode_control, encode_control
from .settings import Hub, Settings

log = logging.getLogger("borderwire")

HELLO_AGAIN = 3.0  # seconds without a welcome
NEXT_ADDRESS = 5.0  # seconds without a connection until another address, or a new socket, is tried
NEXT_HUB = 3.0  # seconds without a welcome until another hub is tried, where several share a log
HUBS_APART = 0.25  # seconds, at the least, from one hub to the next
TOLD_AGAIN = 30.0  # seconds between two warnings of the same
LARGEST_REPLY = 4 << 20  # bytes

# Not the event of a failed protocol: with it libzmq 4.3.4 aborts the program.
_EVENTS = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECTED


class Link:
    """The connection to the hub's control port, found again whenever it is lost. From one thread."""

    def __init__(self, settings: Settings, patience: float | None) -> None:
        """patience: seconds without a welcome after which HubUnreachable is raised; None: never."""
        self.settings, self.patience = settings, patience
        self.context = zmq.Context()
        self.poller = zmq.Poller()
        self.is_new = False  # a connection that no hello has been said on
        self.is_welcomed = False
        self.lost_at = time.monotonic()
        self._told_at = 0.0
        self._request = 0
        self._address_index = 0
        # Spread over the hubs, each peer by its name.
        self._hub_index = zlib.crc32(settings.keys.name.encode()) % len(settings.hubs)
        self._leaves = False  # for the hub that the index names
        self.address = ""  # of the hub's machine, as libzmq takes it
        self._control: zmq.Socket[bytes] | None = None
        self._monitor: zmq.Socket[bytes] | None = None
        self._tried_at = 0.0
        self._is_connected = False

    @property
    def hub(self) -> Hub:
        """The one that is tried or connected."""
        return self.settings.hubs[self._hub_index]

    @property
    def what(self) -> str:
        """That hub, in errors."""
        return f"the hub at {self.hub.address}"

    def keep_up(self) -> None:
        """Looks after the connection. Call in each turn."""
        now = time.monotonic()
        if len(self.settings.hubs) > 1 and not self.is_welcomed and now - self._tried_at > NEXT_HUB:
            self.leave()
        is_lost = not self._is_connected and now - self._tried_at > NEXT_ADDRESS
        if self._control is None or is_lost or self._leaves and now - self._tried_at > HUBS_APART:
            self._leaves = False
            self._connect_control(now)
        if self.is_welcomed:
            return
        waited = now - self.lost_at
        if self.patience is not None and waited > self.patience:
            remedy = "is it running, can this machine reach it, and is its .pub file the right one? Nothing is lost meanwhile"
            raise HubUnreachable("connect", self.what, f"no answer for {waited:.0f} s", remedy)
        if waited > TOLD_AGAIN and now - self._told_at > TOLD_AGAIN:
            self._told_at = now
            log.warning("connect %s: no answer for %.0f s; goes on trying", self.what, waited)

    def welcomed(self) -> None:
        self.is_welcomed = True

    def leave(self, name: object = None) -> None:
        """Goes over to another hub: the one of this name, if it is known, else to the next. Where there is one hub, it stays."""
        names = [hub.keys.name for hub in self.settings.hubs]
        if len(names) > 1:
            self._hub_index = names.index(str(name)) if name in names else (self._hub_index + 1) % len(names)
            self._leaves = True

    def connect(self, kind: int, port: int, options: list[tuple[int, Any]]) -> zmq.Socket[bytes]:
        """Another socket to the same machine, in the poller."""
        peer = self._socket(kind, options)
        peer.connect(f"tcp://{self.address}:{port}")
        self.poller.register(peer, zmq.POLLIN)
        return peer

    def disconnect(self, peer: zmq.Socket[bytes]) -> None:
        self.poller.unregister(peer)
        peer.close(linger=0)

    def ask(self, verb: str, body: Body) -> int:
        """Sends a request, unless there is no connection; its reply has the number that this returns."""
        self._request += 1
        if self._control is not None:
            try:
                self._control.send_multipart(encode_control(verb, {"request": self._request, **body}), zmq.NOBLOCK)
            except zmq.Again:
                pass
        return self._request

    def poll(self, seconds: float) -> set[zmq.Socket[bytes]]:
        """Waits for something to arrive; what happened to the connection is dealt with already."""
        ready = {peer for peer, _ in self.poller.poll(max(0, int(seconds * 1_000)))}
        if self._monitor in ready:
            self._see_events()
        return ready - {self._monitor}

    def replies(self) -> list[tuple[str, Body, bytes]]:
        """What has arrived on control. A message that can't be read is passed over: it is asked again."""
        found: list[tuple[str, Body, bytes]] = []
        while self._control is not None and len(found) < 16:
            try:
                frames = self._control.recv_multipart(zmq.NOBLOCK)
                found.append(decode_control(frames))
            except zmq.Again:
                break
            except Malformed as error:
                log.warning("read a reply of %s: %s", self.what, error)
        return found

    def close(self) -> None:
        self._close_control()
        self.context.destroy(linger=0)

    def _socket(self, kind: int, options: list[tuple[int, Any]]) -> zmq.Socket[bytes]:
        peer = self.context.socket(kind)
        own, hub = self.settings.keys, self.hub.keys
        peer.linger, peer.ipv6 = 0, True
        peer.set(zmq.HEARTBEAT_IVL, 5_000)
        peer.set(zmq.RECONNECT_IVL, 100)
        peer.set(zmq.RECONNECT_IVL_MAX, 5_000)
        peer.set(zmq.CONNECT_TIMEOUT, 5_000)
        peer.set(zmq.HANDSHAKE_IVL, 10_000)
        peer.set(zmq.CURVE_SERVERKEY, hub.curve)
        peer.set(zmq.CURVE_PUBLICKEY, own.public.curve)
        peer.set(zmq.CURVE_SECRETKEY, own.curve)
        for name, value in options:
            peer.set(name, value)
        return peer

    def _connect_control(self, now: float) -> None:
        """Again also at the same address: libzmq does not try again after a connection that ended by the protocol."""
        self._close_control()
        self._tried_at = now
        hub = self.hub
        try:
            found = socket.getaddrinfo(hub.host, hub.control, type=socket.SOCK_STREAM)
        except OSError as error:
            if self.patience is not None and now - self.lost_at >= self.patience:
                raise HubUnreachable("look up", hub.host, str(error), "the settings' hub.host names it") from error
            return
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        address = addresses[self._address_index % len(addresses)]
        self._address_index += 1
        self.address = f"[{address}]" if ":" in address else address
        self._control = self._socket(zmq.DEALER, [(zmq.IMMEDIATE, 1), (zmq.MAXMSGSIZE, LARGEST_REPLY)])
        self._monitor = self._control.get_monitor_socket(_EVENTS)
        self._control.connect(f"tcp://{self.address}:{hub.control}")
        self.poller.register(self._control, zmq.POLLIN)
        self.poller.register(self._monitor, zmq.POLLIN)

    def _close_control(self) -> None:
        if self._control is None:
            return
        self._control.disable_monitor()
        self.poller.unregister(self._control)
        if self._monitor is not None:
            self.poller.unregister(self._monitor)
            self._monitor.close(linger=0)
        self._control.close(linger=0)
        self._control = self._monitor = None
        self._lost()

    def _lost(self) -> None:
        if self.is_welcomed:
            self.lost_at = time.monotonic()
        self.is_welcomed = self.is_new = self._is_connected = False

    def _see_events(self) -> None:
        while self._monitor is not None:
            try:
                event = parse_monitor_message(self._monitor.recv_multipart(zmq.NOBLOCK))["event"]
            except zmq.Again:
                return
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._is_connected = self.is_new = True
            elif event == zmq.EVENT_DISCONNECTED:
                self._lost()
                self._tried_at = time.monotonic()
                self.leave()
            elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                name = self.settings.keys.name
                remedy = f"have {name}.pub enrolled by the hub's operator (borderwire-hub enroll)"
                raise Refused("connect", self.what, "key", f"it does not know the key of {name}", remedy)


def refusal(operation: str, object: str, body: Body, remedy: str = "") -> Refused:
    """An error of a `refused` reply."""
    return Refused(operation, object, str(body.get("code")), str(body.get("reason"))[:2_000], remedy)
