"""The library python3-borderwire, as it is installed, against the real programs: nothing lost or twice, whoever is killed."""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import types

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parent.parent / "Sources" / "python3-borderwire"
sys.path.insert(0, str(SOURCES))
os.environ["PYTHONPATH"] = str(SOURCES)  # of the programs that are started

import borderwire  # noqa: E402
import nacl.signing  # noqa: E402
import zmq  # noqa: E402
from borderwire import chains, errors, frames, seals  # noqa: E402

# What `golden` asks of a module, of the library.
WIRE = types.SimpleNamespace(
    PostHeader=frames.PostHeader,
    Heartbeat=frames.Heartbeat,
    Checkpoint=frames.Checkpoint,
    Delivery=frames.Delivery,
    Record=frames.Record,
    Malformed=errors.Malformed,
    decode_page=frames.decode_page,
    decode_control=frames.decode_control,
    is_sealed=seals.is_sealed,
    digest=seals.digest,
    log_hash=chains.log_hash,
    topic_origin=chains.topic_origin,
    topic_chain=chains.topic_chain,
    topic_leaf=lambda number, sequence, chain: (sequence, chain),
    topics_root=chains.topics_root,
)


class Failure(Exception):
    pass


def check(is_so, words):
    if not is_so:
        raise Failure(words)


def refused(kind, work, words):
    """The error that the work raises, which has these words."""
    try:
        work()
    except kind as error:
        check(words in str(error), f"{kind.__name__} says {error}, not {words!r}")
        return error
    raise Failure(f"no {kind.__name__} that says {words!r}")


def eventually(question, words, *programs, seconds=120):
    """Asks until the answer is yes. The programs must not end before."""
    end = time.monotonic() + seconds
    while not question():
        for program in programs:
            check(program.process.poll() is None, f"{program.name} has ended: {''.join(program.errors)}")
        check(time.monotonic() < end, f"not within {seconds} s: {words}")
        time.sleep(0.02)


def keys_and_cursors(house):
    """Files that must not be taken, and what is said of them."""
    place = house.path("library")
    place.mkdir()
    secret = place / "python.key"
    shutil.copy(house.path("python.key"), secret)
    secret.chmod(0o640)
    error = refused(borderwire.SettingsError, lambda: borderwire.SecretKeys.read(secret), "others can read it")
    check((error.operation, error.object) == ("read", str(secret)) and error.remedy == f"chmod 600 {secret}", f"{error}")
    refused(borderwire.SettingsError, lambda: borderwire.PublicKeys.read(place / "none.pub"), "No such file")
    (place / "odd.toml").write_text('key = "python.key"\nhab = 3\n')
    refused(borderwire.SettingsError, lambda: borderwire.Settings.read(place / "odd.toml"), "hab is not known")
    # The example of an analyst's settings, as it is installed, with every key: none may be unknown here.
    example = (HERE.parent.parent / "config" / "analyst.toml").read_text()
    (place / "every.toml").write_text(re.sub(r"^# ([a-z_]+ = )", r"\1", example, flags=re.MULTILINE))
    for name, file in (("python.key", "analyst.key"), ("hub.pub", "hub.pub")):
        shutil.copy(house.path(name), place / file)
    (place / "posts").mkdir()
    every = borderwire.Settings.read(place / "every.toml")
    check(every.state == place / "cursors" and every.hubs[0].host == "hub.invalid", f"{every}")
    shutil.copy(house.path("koh-kong.pub"), place / "kampot.pub")
    refused(borderwire.SettingsError, lambda: borderwire.Keyring.read(place), "it holds a key of koh-kong")
    cursor = borderwire.CursorFile(place / "one.cursor")
    refused(borderwire.SettingsError, lambda: borderwire.CursorFile(place / "one.cursor"), "another reader has it")
    cursor.advance(borderwire.Position(7, 3))
    try:
        cursor.advance(borderwire.Position(7, 2))
        raise Failure("a cursor went back")
    except ValueError:
        pass
    cursor.close()
    again = borderwire.CursorFile(place / "one.cursor")
    check(again.position == borderwire.Position(7, 3), f"a cursor at {again.position}")
    again.close()
    (place / "bad.cursor").write_text("{}")
    refused(borderwire.SettingsError, lambda: borderwire.CursorFile(place / "bad.cursor"), "it is damaged")


# With a hub.


def settings_of(house, name, posts="posts"):
    file = house.path(f"{name}-library.toml")
    address = f'[hub]\nhost = "localhost"\ncontrol = {house.control}\nkey = "hub.pub"\n'
    file.write_text(f'key = "{name}.key"\nposts = "{posts}"\n\n{address}')
    return file


def python(house, script, *options):
    return house.start(sys.executable, script, *options)


def kill(program):
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()


def got(database):
    if not database.exists():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT place, id, verified FROM got ORDER BY number").fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def whole_log(house):
    """What `borderwire tail` prints of it: the reference."""
    options = ("--config", house.path("analyst.toml"), "--format", "json", "--no-follow")
    return [json.loads(line) for line in house.run("borderwire", "tail", *options).splitlines()]


def check_exact(who, rows, lines):
    wanted = [(line["offset"], line["alert"]["id"], "valid") for line in lines]
    check(rows == wanted, f"{who}: {len(rows)} alerts, {len(wanted)} in the log; {set(rows) ^ set(wanted)}")


def drafts(number, count):
    """Invented alerts of prey-veng, with ids."""
    for index in range(count):
        yield {
            "id": borderwire.new_id(),
            "status": "Exercise",
            "kind": "movement",
            "provinces": ["KH-14", "KH-9"] if index % 3 == 0 else ["KH-14"],
            "headline": {"en": f"Invented alert {number} of the library, {index}", "km": "លំហាត់"},
            "movement": {"mode": "river", "direction": "unknown"},
        }


def killed(house):
    """Hub, reader and publisher of the library are killed with SIGKILL in the middle; every alert is there once, in order."""
    reader_settings, post_settings = settings_of(house, "python"), settings_of(house, "prey-veng")
    database, file = house.path("got.db"), house.path("library.jsonl")
    count = 200
    file.write_text("".join(json.dumps(draft, ensure_ascii=False) + "\n" for draft in drafts(1, count)))
    before = len(whole_log(house))

    def recorder(*options):
        return python(house, HERE / "recorder.py", "--config", reader_settings, "--database", database, *options)

    def publisher():
        options = ("--outbox", house.path("outbox.db"), "--provinces", house.path("provinces.jsonl"))
        return python(house, HERE / "publisher.py", "--config", post_settings, *options, file)

    reader = recorder("--slow", "0.05")
    reader.line(reader.out, "offset 10")
    kill(reader)  # in the middle of a batch
    check(len(got(database)) < before, "the reader was killed too late")
    reader = recorder("--drop", "1,4,9")
    reader.line(reader.out, "live")
    post = publisher()
    eventually(lambda: len(got(database)) >= before + 30, "nothing of the publisher arrives", reader, post)
    house.kill_hub()
    kill(post)
    kill(reader)
    house.start_hub()
    post, reader = publisher(), recorder("--slow", "0.002", "--drop", "2")
    eventually(lambda: len(got(database)) >= before + 90, "nothing arrives after the hub's restart", reader, post)
    kill(reader)
    house.kill_hub()
    house.start_hub()
    reader = recorder("--count", before + count)
    done = post.line(post.out, '"done"')
    post.process.wait()
    check(len(set(json.loads(done)["done"])) == count, f"publisher.py: {done}")
    reader.line(reader.out, "repairs")
    reader.ends()
    lines = whole_log(house)
    check(len(lines) == before + count, f"{len(lines) - before} of {count} are stored")
    check_exact("the library", got(database), lines)
    ids = [json.loads(line)["id"] for line in file.read_text().splitlines()]
    stored = [line["alert"]["id"] for line in lines[before:]]
    check(stored == ids, "the hub has them in another order")
    return lines


def checked(house, lines):
    """What a signature is worth, and what a cursor keeps, is told rightly."""
    alerts = list(borderwire.replay(borderwire.Settings.read(settings_of(house, "python"))))
    check([alert.offset for alert in alerts] == [line["offset"] for line in lines], "replay: other offsets")
    for alert, line in zip(alerts, lines):
        same = (
            alert.topic == line["topic"],
            alert.topic_sequence == line["topic_sequence"],
            alert.post == line["post"],
            frames.hex16(alert.epoch) == line["epoch"],
            alert.sequence == line["sequence"],
            borderwire.drafts.rfc3339(alert.received) == line["received"],
            alert.header.hex() == line["header"],
            alert.seal.hex() == line["seal"],
            alert.content == line["alert"],
            alert.check == borderwire.Check.VALID,
        )
        check(all(same), f"replay: {alert} and {line}: {same}")
    some = ["kh.pursat.suspect.", "kh.pursat.movement."]
    offsets = [a.offset for a in borderwire.replay(borderwire.Settings.read(settings_of(house, "python")), some)]
    wanted = [line["offset"] for line in lines if "KH-15" in line["alert"]["provinces"]]
    check(offsets == wanted and wanted, f"replay of pursat: {offsets}, not {wanted}")
    since = alerts[-20].received
    reader = borderwire.Reader(borderwire.Settings.read(settings_of(house, "python")), since=since)
    with reader:
        offsets = [alert.offset for batch in reader.backlog() for alert in batch.alerts]
    check(offsets == [a.offset for a in alerts if a.received >= since], f"since {since}: {offsets}")
    # With no key of a post, and with a wrong one.
    odd = house.path("odd-posts")
    odd.mkdir()
    text = house.path("analyst.pub").read_text().replace('"analyst"', '"koh-kong"')
    (odd / "koh-kong.pub").write_text(text)
    found = list(borderwire.replay(borderwire.Settings.read(settings_of(house, "python", posts="odd-posts"))))
    expected = {"koh-kong": borderwire.Check.INVALID, "prey-veng": borderwire.Check.UNKNOWN}
    check(all(alert.check == expected[alert.post] for alert in found), "signatures without the posts' keys")
    forked(house)


def forked(house):
    """A hub whose log is not what it signed before, or is another one, is found out by a cursor from before."""
    settings = borderwire.Settings.read(settings_of(house, "python"))

    def read(cursor):
        with borderwire.Reader(settings, cursor=cursor, after=0, patience=20) as reader:
            for batch in reader.backlog():
                cursor.advance(batch.position)
            reader.verify()

    cursor = borderwire.CursorFile(house.path("forked.cursor"))
    read(cursor)
    kept, place = cursor.checkpoint, cursor.position
    check(kept is not None and kept.offset == place.offset, f"kept {kept} at {place}")
    read(cursor)  # of a log that goes on nothing is said
    # As the hub itself would sign another log: with its key.
    seed = borderwire.SecretKeys.read(house.path("hub.key")).seed
    content = kept.frame[:28] + bytes(32) + kept.frame[60:92]
    signature = nacl.signing.SigningKey(seed).sign(frames.CHECKPOINT_PREFIX + content).signature
    cursor.keep(frames.Checkpoint.decode(content + signature))
    refused(borderwire.LogChanged, lambda: read(cursor), "the hub has signed two different logs")
    cursor.keep(kept)
    cursor._position = borderwire.Position(place.log ^ 1, place.offset)
    refused(borderwire.LogChanged, lambda: read(cursor), "its log is")
    cursor._position = borderwire.Position(place.log, place.offset + 1_000)
    refused(borderwire.LogChanged, lambda: read(cursor), f"its log ends at {place.offset}")
    cursor.close()


def errors_of_links(house):
    settings = borderwire.Settings.read(settings_of(house, "python"))
    stranger = house.path("stranger.key")
    house.run("borderwire", "keygen", "stranger", "--out", ".")
    strange = borderwire.Settings(borderwire.SecretKeys.read(stranger), settings.hubs)
    error = refused(borderwire.Refused, lambda: list(borderwire.replay(strange)), "it does not know the key of stranger")
    check(error.code == "key" and "borderwire-hub enroll" in error.remedy, f"{error}")
    nobody = borderwire.Settings(settings.keys, (borderwire.Hub("127.0.0.1", settings.hubs[0].keys, 1),))
    refused(borderwire.HubUnreachable, lambda: list(borderwire.replay(nobody, patience=1)), "no answer for")
    refused(
        borderwire.LogChanged,
        lambda: list(borderwire.replay(settings, after=1_000_000)),
        "it ends before what was read earlier",
    )
    ungranted = ["kh.kampot.suspect."]
    refused(borderwire.Refused, lambda: list(borderwire.replay(settings, ungranted, after=1)), "refused (grant)")
    # One that may not publish; one alert that is none, which the hub refuses, and the one behind it.
    provinces = borderwire.Provinces.load(house.path("provinces.jsonl"))
    with borderwire.Post(settings, borderwire.Outbox(house.path("python.db")), provinces) as post:
        post.queue(list(drafts(2, 1)))
        refused(borderwire.Refused, lambda: list(post.deliver(30)), "refused (grant)")
    own = borderwire.Settings.read(settings_of(house, "prey-veng"))
    with borderwire.Post(own, borderwire.Outbox(house.path("outbox.db")), provinces) as post:
        good = next(drafts(3, 1))
        bad = next(drafts(3, 1)) | {"headline": {"en": "Call 012 345 678"}}
        check([one.state for one in post.queue([bad, good])] == [borderwire.State.QUEUED] * 2, "not queued")
        changed = good | {"severity": "Minor"}
        refused(borderwire.AlertError, lambda: post.queue([changed]), "another alert has this id")
        refused(borderwire.AlertError, lambda: post.queue([next(drafts(3, 1)) | {"provinces": ["XX-1"]}]), "no known province's code")
        outcomes = {outcome.id: outcome for outcome in post.deliver(60)}
        check(outcomes[bad["id"]].code == "schema" and "telephone" in outcomes[bad["id"]].reason, f"{outcomes}")
        check(outcomes[good["id"]].state == borderwire.State.STORED, f"{outcomes}")


class Follower(threading.Thread):
    """A hub that follows: whatever is asked, the hub that writes is the real one. Without ZAP libzmq lets everybody in."""

    def __init__(self, keys, writer):
        super().__init__(daemon=True)
        self.writer, self.asked = writer, []
        self.context = zmq.Context()
        self.router = self.context.socket(zmq.ROUTER)
        self.router.set(zmq.CURVE_SERVER, 1)
        self.router.set(zmq.CURVE_SECRETKEY, keys.curve)
        self.control = self.router.bind_to_random_port("tcp://127.0.0.1")

    def run(self):
        while True:
            peer, *request = self.router.recv_multipart()
            verb, body, _ = frames.decode_control(request)
            self.asked.append(verb)
            answer = {"request": body["request"], "code": "elsewhere", "reason": "another hub writes", "hub": self.writer}
            self.router.send_multipart([peer] + frames.encode_control("refused", answer))


def several_hubs(house):
    """Of several hubs that share a log a peer goes to one that answers, and to the one that writes."""
    house.run("borderwire", "keygen", "follower", "--out", ".")
    follower = Follower(borderwire.SecretKeys.read(house.path("follower.key")), "hub")
    follower.start()
    hubs = [
        f'[[hub]]\nhost = "127.0.0.1"\ncontrol = {port}\nkey = "{name}.pub"\n'
        for name, port in (("hub", house.control), ("follower", follower.control), ("python", 1))
    ]
    provinces = borderwire.Provinces.load(house.path("provinces.jsonl"))
    for turn in range(3):  # each of them stands once where this peer begins
        file = house.path(f"hubs-{turn}.toml")
        file.write_text('key = "prey-veng.key"\nposts = "posts"\n\n' + "".join(hubs[turn:] + hubs[:turn]))
        settings = borderwire.Settings.read(file)
        with borderwire.Post(settings, borderwire.Outbox(house.path("hubs.db")), provinces) as post:
            queued = post.queue(list(drafts(7, 1)))[0]
            found = [outcome for outcome in post.deliver(30) if outcome.id == queued.id]
        check(found and found[0].state == borderwire.State.STORED, f"hubs, turn {turn}: {found}")
        file.write_text(file.read_text().replace("prey-veng.key", "python.key"))
        alerts = list(borderwire.replay(borderwire.Settings.read(file), patience=30))
        check(alerts[-1].id == queued.id, f"hubs, turn {turn}: the last of {len(alerts)} is {alerts[-1].id}")
    check(follower.asked.count("hello") >= 2, f"hubs: the follower was asked {follower.asked}")


def restored(house):
    """An outbox that was restored from an older copy is found out, loses nothing, and goes on in a new epoch."""
    own, provinces = borderwire.Settings.read(settings_of(house, "prey-veng")), house.path("provinces.jsonl")
    place, copy = house.path("restored.db"), house.path("copied.db")

    def post():
        return borderwire.Post(own, borderwire.Outbox(place), borderwire.Provinces.load(provinces))

    with post() as one:
        one.queue(list(drafts(4, 2)))
        list(one.deliver(60))
    shutil.copy(place, copy)
    with post() as one:
        one.queue(list(drafts(5, 2)))
        list(one.deliver(60))
    shutil.copy(copy, place)
    waiting = next(drafts(6, 1))
    with post() as one:
        one.queue([waiting])
        refused(borderwire.Refused, lambda: list(one.deliver(60)), "Outbox.begin_epoch() numbers what waits anew")
    box = borderwire.Outbox(place)
    box.begin_epoch()
    box.close()
    with post() as one:
        found = list(one.deliver(60))
    check([(one.id, one.sequence, one.state) for one in found] == [(waiting["id"], 1, borderwire.State.STORED)], f"{found}")


def examples(house):
    """Both examples, as a user calls them; MISP's own library reads what the second one wrote."""
    config = settings_of(house, "python")

    def run(name, *options):
        command = [sys.executable, SOURCES / "examples" / name, "--config", config, *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=house.directory)
        check(done.returncode == 0, f"{name}: {done.stderr}")
        return done.stdout, done.stderr

    lines = [line for line in whole_log(house) if line["alert"]["msgType"] == "Alert"]
    counts = {}
    for line in lines:
        if line["alert"]["status"] == "Exercise":
            key = line["alert"]["provinces"][0], line["alert"]["kind"]
            counts[key] = counts.get(key, 0) + 1
    for _ in range(2):  # the second time nothing is new, and nothing counts twice
        table = run("count-by-province", "--status", "Exercise")[0]
        expected = "".join(f"{code}\t{kind}\t{number}\n" for (code, kind), number in sorted(counts.items()))
        check(table == expected, f"count-by-province printed {table}, not {expected}")
    for name, plate, handling in (("green", "2AB-0012", "TLP:GREEN"), ("red", "3AC-0031", "TLP:RED")):
        vehicle = {"type": "van", "plate": plate}
        movement = {"mode": "road", "direction": "out", "people": 2, "minors": 0, "vehicle": vehicle}
        draft = {"kind": "movement", "handling": handling, "headline": f"Invented van {name}", "movement": movement}
        file = house.path(f"{name}.json")
        file.write_text(json.dumps(draft))
        house.run("borderwire-post", "publish", "--config", house.path("post.toml"), "--file", file, "--wait", "60s")
    for _ in range(2):
        said = run("misp-sightings")[1]
    check("restricted by its handling" not in said, f"misp-sightings reads again what its cursor is past: {said}")
    text = house.path("misp-event.json").read_text()
    check("2AB-0012" in text and "3AC-0031" not in text and "Invented van" not in text, f"misp-sightings wrote {text}")
    import jsonschema
    import pymisp

    written = json.loads(text)
    for name in ("schema-lax.json", "schema.json"):
        schema = json.loads((pathlib.Path(pymisp.__file__).parent / "data" / name).read_text())
        jsonschema.validate(written, schema)
        for attribute in written["Event"]["Attribute"]:
            attribute.pop("Sighting", None)  # the strict schema is older than these
    event = pymisp.MISPEvent()
    event.load_file(house.path("misp-event.json"))
    values = {attribute.value: [sighting.type for sighting in attribute.sightings] for attribute in event.attributes}
    check(values == {"2AB-0012": ["0"]}, f"pymisp read {values}")


def typed():
    """mypy --strict finds nothing in the library and its examples."""
    cache = HERE.parent.parent / ".build" / "mypy"
    for subject in ("borderwire", "examples/count-by-province", "examples/misp-sightings"):
        command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", cache, SOURCES / subject]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"MYPYPATH": str(SOURCES)})
        check(done.returncode == 0, f"mypy: {done.stdout}{done.stderr}")
