"""python-eql over the lines of a file: `eql_peer.py RULES EVENTS PASSES`.

In: rules as a JSON object a line, with "id" and "query", and NDJSON. Out: one JSON object with the seconds of each pass,
the rules that were loaded, why others were not, and the matches of each. Parsing the JSON is part of the time. One thread.

The engine knows one event type an event and no field of several values. So an event goes to the rules of its first
category, and before anything is timed, lists of one element become that element. A rule that ends in an exception over an
event must not keep others from it, so each rule has an engine of its own; they are found by event type, as hooks are.
"""

import importlib.metadata
import json
import os
import sys
import time

import eql


def add_rules(path):
    """The engines by event type, the rules that were loaded, the reasons of those that were not, and the counts."""
    engines = {}
    counts = {}
    loaded = []
    refused = []

    def count(output):
        counts[output.analytic_id] = counts.get(output.analytic_id, 0) + 1

    with open(path, encoding="utf-8") as lines, eql.parser.elasticsearch_syntax, eql.parser.ignore_missing_functions:
        for line in lines:
            rule = json.loads(line)
            try:
                query = eql.parse_query(rule["query"])
                engine = eql.PythonEngine()
                engine.add_output_hook(count)
                engine.add_analytic(eql.ast.EqlAnalytic(query, metadata={"id": rule["id"]}))
                engines.setdefault(query.first.event_type, []).append(engine)
                loaded.append(rule["id"])
            except Exception as error:  # Every kind of refusal is one.
                refused.append(f"{rule['id']}: {type(error).__name__}: {str(error).splitlines()[0]}")
    return engines, loaded, refused, counts


def unwrapped(value):
    """The value with single elements in place of lists of one."""
    if isinstance(value, dict):
        return {key: unwrapped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return unwrapped(value[0]) if len(value) == 1 else [unwrapped(inner) for inner in value]
    return value


def run(engines, lines):
    """Streams all lines; gives how many times a rule ended in an exception over an event."""
    failed = 0
    for line in lines:
        data = json.loads(line)
        event = data.get("event")
        category = event.get("category") if isinstance(event, dict) else data.get("event.category")
        if isinstance(category, list):
            category = category[0] if category else None
        event = eql.Event(category or "generic", 0, data)
        for wanted in (event.type, "any"):
            for engine in engines.get(wanted, ()):
                try:
                    engine.stream_event(event)
                except Exception:  # A value of a type that the engine does not expect.
                    failed += 1
    return failed


def main():
    rules, events, passes = sys.argv[1:]
    engines, loaded, refused, counts = add_rules(rules)
    with open(events, "rb") as file:
        lines = [json.dumps(unwrapped(json.loads(line))).encode() for line in file if line.strip()]
    size = os.path.getsize(events)
    seconds = []
    failed = 0
    for _ in range(int(passes)):
        counts.clear()
        start = time.perf_counter()
        failed = run(engines, lines)
        seconds.append(time.perf_counter() - start)
    print(
        json.dumps(
            {
                "version": importlib.metadata.version("eql"),
                "rules": len(loaded),
                "loaded": loaded,
                "refused": refused,
                "events": len(lines),
                "failed": failed,
                "bytes": size,
                "seconds": seconds,
                "matches": sum(counts.values()),
                "by_rule": counts,
            }
        )
    )


main()
