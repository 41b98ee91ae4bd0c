"""Claims about what goes wrong."""

import re

from claim import claim, eventually, expect
from service import HUB, HUB_SETTINGS, POSTS, UNITS, Service, timed

STATE = "/var/lib/borderwire-hub"
# A file system of 64 MiB: room for the log so far and what the audit keeps for itself, and soon full.
SMALL = 64 << 20


def restarted(service: Service, unit: str, restarts: int, pid: int) -> bool:
    return service.restarts(unit) > restarts and service.is_active(unit) and service.main_pid(unit) != pid


@claim("a hub and a post killed with -9 are back within seconds, and nothing is lost", within=60)
def kill(service: Service):
    units = UNITS[:2]
    before = {unit: (service.restarts(unit), service.main_pid(unit)) for unit in units}
    for post in POSTS:
        service.queue(post, 1000)
    for unit in units:
        service.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit)
    for post in POSTS:
        service.queue(post, 100)
    for unit in units:
        eventually(lambda: restarted(service, unit, *before[unit]), 10, f"{unit} is not back: {service.show(unit, 'ActiveState', 'Result')}")
    service.expect_exact(30)
    service.expect_active()


@claim("a hub and a post whose loop is frozen are killed by the watchdog and restarted, and nothing is lost", within=60)
def freeze(service: Service):
    units = UNITS[:2]
    place = service.now()
    before = {unit: (service.restarts(unit), service.main_pid(unit)) for unit in units}
    for unit in units:
        service.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", unit)
    service.queue(POSTS[1], 100)
    seconds = timed(lambda: [
        eventually(lambda: restarted(service, unit, *before[unit]), 25, f"{unit} is still frozen: {service.journal(unit, place)}")
        for unit in units])
    for unit in units:
        expect("Watchdog timeout" in service.journal(unit, place), service.journal(unit, place))
    service.expect_exact(30)
    service.expect_active()
    return f"back after {seconds:.1f} s"


@claim("a hub whose disk is full stays up and says so once; posts keep their alerts, and deliver them when there is room", within=90)
def full(service: Service):
    run = service.run
    run("systemctl", "stop", HUB)
    run("mv", STATE, f"{STATE}.kept")
    run("mkdir", "-m", "0700", STATE)
    run("mount", "-t", "tmpfs", "-o", f"size={SMALL},mode=0700", "borderwire-small", STATE)
    run("sh", "-c", f"cp -a {STATE}.kept/. {STATE} && chown borderwire-hub: {STATE}")
    # It would not start with less than its reserve, and says so.
    settings, place = run("cat", HUB_SETTINGS) + "\n", service.now()
    run("systemctl", "start", "--no-block", HUB)
    eventually(lambda: "limits.reserve keeps" in service.journal(HUB, place), 10, service.journal(HUB, place))
    run("tee", HUB_SETTINGS, text=re.sub("^# reserve = .*", 'reserve = "1MiB"', settings, flags=re.M))
    # With room it starts by itself.
    eventually(lambda: service.is_active(HUB), 15, service.journal(HUB, place))
    restarts, place = service.restarts(), service.now()
    service.container.try_run("dd", "if=/dev/zero", f"of={STATE}/filler", "bs=4096")
    service.queue(POSTS[0], 3000, padding=2000)
    eventually(lambda: "the log can't grow" in service.journal(HUB, place), 20, service.journal(HUB, place))
    expect(service.outbox(POSTS[0])["depth"] > 0, "the post's outbox is empty: the disk was not full")
    service.expect_active()
    expect(service.journal(HUB, place).count("the log can't grow") == 1, service.journal(HUB, place))
    run("rm", f"{STATE}/filler")
    eventually(lambda: service.outbox(POSTS[0])["depth"] == 0, 30, f"{service.outbox(POSTS[0])}")
    service.expect_exact(30)
    expect("can be written again" in service.journal(HUB, place), service.journal(HUB, place))
    expect(service.restarts() == restarts, "the hub was restarted")
    run("systemctl", "stop", HUB)
    run("sh", "-c", f"rm -rf {STATE}.kept && cp -a {STATE} {STATE}.kept && umount {STATE} && rmdir {STATE} && mv {STATE}.kept {STATE}")
    run("tee", HUB_SETTINGS, text=settings)
    run("systemctl", "start", HUB)
    service.publish(POSTS[0], 3)
    service.expect_exact()


@claim("settings that are wrong keep the hub down, and the journal says where", within=30)
def wrong_settings(service: Service):
    place = service.now()
    good = service.run("cat", HUB_SETTINGS)
    service.run("tee", HUB_SETTINGS, text=good.replace("[listen]", "[listen]\nadress = \"127.0.0.1\"") + "\n")
    refused = service.container.try_run("systemctl", "restart", HUB)
    expect(refused.returncode != 0, "the restart succeeded")
    state = service.show(HUB, "ActiveState", "ExecMainStatus")
    expect(state == ["failed", "78"], f"{state}")
    expect("hub.toml" in service.journal(HUB, place) and "adress" in service.journal(HUB, place), service.journal(HUB, place))
    service.run("tee", HUB_SETTINGS, text=good + "\n")
    service.run("systemctl", "start", HUB)
    service.publish(POSTS[1], 3)
    service.expect_exact()
