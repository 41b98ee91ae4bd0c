"""alert.schema.json against the hub's validation, both ways: what the schema refuses the hub refuses, and the other way round, but
for the rules that a schema can't say, which are named here."""

import copy
import json
import time
import uuid
import warnings

import borderwire
import jsonschema
import library
from borderwire import drafts, outbox, seals
from library import HERE, check

FILE = HERE.parent.parent / "Sources" / "Alerts" / "alert.schema.json"

# What the hub's reasons say where the schema finds nothing.
BEYOND = (
    "may be under 18",
    "not later than sent",
    "later than sent",
    "more than a year after sent",
    "made more than a",
    "more than people",
    "less than min",
    "looks like a telephone",
    "not a document's number",
    "not a plate's",
    "not letters, digits, spaces",
    "digits, at most 8",
    "not the code of a province",
    "the alert's own id",
    "beside the alert that it answers",
    "not one that borderwire-post has made",  # a wrong check character
    "perhaps a name",
    "not letters, spaces",  # of an alias
)


def samples():
    """One alert of each form, with every member that it can have."""
    now = time.time()
    at = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%S+07:00", time.gmtime(now + seconds + 7 * 3600))
    other = borderwire.new_id()
    text = {"en": "Invented words", "km": "លំហាត់"}
    vehicle = {"type": "van", "plate": "2AB-0012", "colour": "grey", "make": "Toyota"}
    person = {"role": "possible-victim", "reference": "R-B4DP12WK33", "ageBand": "12-15", "sex": "female", "count": 2}
    envelope = {
        "sender": "prey-veng",
        "sent": at(0),
        "expires": at(86_400),
        "status": "Test",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
        "handling": "TLP:RED",
        "provinces": ["KH-14", "KH-9"],
    }
    full = envelope | {
        "msgType": "Alert",
        "crossing": "Invented crossing",
        "headline": text,
        "description": text,
        "atRisk": [person | {"languageNeed": "vi"}],
        "source": {"sender": "police.example.th", "digest": "0123456789abcdef" * 2},
    }
    document = {"type": "passport", "country": "KH", "number": "N0000017"}
    suspect = {
        "role": "broker",
        "aliases": ["Ta Mao"],
        "sex": "male",
        "ageRange": {"min": 30, "max": 40},
        "nationality": "KH",
        "documents": [document],
        "marks": "scar",
        "vehicle": vehicle,
    }
    counts = {"people": 5, "minors": 2}
    movement = counts | {
        "mode": "road",
        "direction": "out",
        "from": "Sre Ambel",
        "towards": "Hat Lek",
        "vehicle": vehicle,
        "lastSeen": {"time": at(-600), "place": "the pier"},
    }
    sighting = counts | {
        "of": other,
        "outcome": "stopped",
        "identifiers": ["plate", "appearance"],
        "time": at(-60),
        "place": "the pier",
        "mode": "road",
        "direction": "out",
        "towards": "Hat Lek",
        "vehicle": vehicle,
        "action": "inform",
        "share": True,
    }
    yield full | {"kind": "suspect", "suspect": suspect}
    yield full | {"kind": "movement", "movement": movement}
    yield full | {"kind": "sighting", "sighting": sighting}
    yield full | {"kind": "suspect", "suspect": suspect, "msgType": "Update", "references": [other]}
    cancel = full | {"kind": "movement", "msgType": "Cancel", "references": [other], "resolution": "safe"}
    yield {name: value for name, value in cancel.items() if name != "atRisk"}
    yield envelope | {"kind": "suspect", "msgType": "Ack", "references": [other], "note": text}


class Mutations:
    """Alerts that differ from one in order in one thing each, as the schema gives cause to."""

    def __init__(self, schema):
        self.schema = schema

    def resolved(self, node):
        while "$ref" in node:
            node = {**self.schema["$defs"][node["$ref"].rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}}
        return node

    def of(self, alert):
        yield "as it is", copy.deepcopy(alert)
        for what, place, value in self.changes(self.schema["$defs"]["alert"], alert, ()):
            changed = copy.deepcopy(alert)
            holder = changed
            for step in place[:-1]:
                holder = holder[step]
            if value is None:
                del holder[place[-1]]
            else:
                holder[place[-1]] = value[0]
            yield f"{'.'.join(map(str, place))}: {what}", changed

    def changes(self, node, value, place):
        """What, where, and a list of the value in its place; None: removed."""
        node = self.resolved(node)
        if isinstance(value, dict):
            properties = dict(node["properties"])
            for name, held in value.items():
                yield "left out", place + (name,), None
                yield "null", place + (name,), [None]
                yield from self.changes(properties[name], held, place + (name,))
            # Members of other forms of alert, with what they hold there.
            for name in properties.keys() - value.keys():
                for given in self.others.get((place, name), []):
                    yield "added", place + (name,), [given]
        elif isinstance(value, list):
            yield "no list", place, ["x"]
            yield "empty", place, [[]]
            yield "twice the same", place, [value + value[:1]]
            if "maxItems" in node:
                yield "too many", place, [[value[0]] * (node["maxItems"] + 1)]
            yield from self.changes(node["items"], value[0], place + (0,))
        elif isinstance(value, bool):
            yield "no truth", place, ["true"]
            yield "the other", place, [not value]
        elif isinstance(value, int):
            for number in (node["minimum"] - 1, node["minimum"], node["maximum"], node["maximum"] + 1, 1.5, "1", True):
                yield f"{number!r}", place, [number]
        else:
            yield "a number", place, [7]
            for word in node.get("enum", []):
                yield word, place, [word]
            for text in ("", " ", "x", "Unknown", "KH", "ខ", value.upper(), value.lower(), value + "Z", value[:-1]):
                yield f"{text!r}", place, [text]
            longest = node.get("maxLength")
            if longest:
                for length in (longest, longest + 1):
                    yield f"{length} characters", place, [("ខ" if place[-1] == "km" else "x") * length]

    others: dict = {}


def others(alerts):
    """By place and name, what members hold anywhere."""
    found = {}

    def look(value, place):
        for name, held in value.items():
            values = found.setdefault((place, name), [])
            if held not in values:
                values.append(held)
            if isinstance(held, dict):
                look(held, place + (name,))

    for alert in alerts:
        look(alert, ())
    return found


def verdicts(house, cases):
    """What the hub says of each payload: None, or its reasons. cases: an alert in order, whose header is sent, and a payload."""
    keys = borderwire.SecretKeys.read(house.path("prey-veng.key"))
    provinces = borderwire.Provinces.load(house.path("provinces.jsonl"))
    box = borderwire.Outbox(house.path("schema.db"))
    ids, now = [], int(time.time() * 1_000)
    with box._transaction():
        for number, (alert, payload) in enumerate(cases, 1):
            header = drafts.header_of(alert, keys.name, box.epoch, number, now)
            seal = seals.seal_run(keys.seed, [(header.encode(), payload)])[0]
            topic = provinces.get(alert["provinces"][0]).topic(alert["kind"]).encode()
            ids.append(str(uuid.UUID(bytes=header.id)))
            row = ids[-1], f"{box.epoch:016x}", number, b"", outbox.State.QUEUED.value, topic, header.encode(), payload, seal
            box._run(
                "INSERT INTO alerts (id, epoch, sequence, digest, state, topic, header, payload, seal) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *row,
            )
        box._set("last", str(len(cases)))
    with borderwire.Post(borderwire.Settings.read(library.settings_of(house, "prey-veng")), box, provinces) as post:
        outcomes = {outcome.id: outcome for outcome in post.deliver(120)}
    check(len(outcomes) == len(cases), f"schema: {len(outcomes)} answers to {len(cases)} alerts")
    return [outcomes[id].reason if outcomes[id].code == "schema" else None for id in ids]


def agrees(house):
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    alerts = list(samples())
    mutations = Mutations(schema)
    mutations.others = others(alerts)
    cases = []
    for form, alert in enumerate(alerts):
        for what, changed in mutations.of(alert):
            own = dict(alert, id=borderwire.new_id())
            if "id" not in changed:
                changed["id"] = own["id"]
            cases.append((f"form {form}, {what}", own, changed))
    payloads = [(own, json.dumps(changed, ensure_ascii=False, separators=(",", ":")).encode()) for _, own, changed in cases]
    wrong, refused = [], 0
    for (what, _, changed), reason in zip(cases, verdicts(house, payloads)):
        error = jsonschema.exceptions.best_match(validator.iter_errors(changed))
        refused += reason is not None
        if error and reason is None:
            wrong.append(f"{what}: the schema says {error.message[:200]}, and the hub takes it")
        if reason and not error and not all(any(rule in line for rule in BEYOND) for line in reason.splitlines()):
            wrong.append(f"{what}: the schema takes it, and the hub says {reason}")
    check(not wrong, f"schema: {len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:40]))
    check(refused > 200 and len(cases) - refused > 200, f"schema: {refused} of {len(cases)} refused")
    return len(cases)
