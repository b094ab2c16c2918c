"""python-eql over the lines of a file: `eql_peer.py RULES EVENTS PASSES`.

In: rules as a JSON object a line, with "id" and "query", and NDJSON. Out: one JSON object with the seconds of each pass,
the rules that were loaded, why others were not, and the matches of each. Parsing the JSON is part of the time. One thread.

An event goes to the rules of its first category: the engine knows one event type an event.
"""

import importlib.metadata
import json
import sys
import time

import eql


def add_rules(path):
    """The engine with all rules it takes, the reasons of those it does not, and where matches are counted."""
    engine = eql.PythonEngine()
    counts = {}
    refused = []

    def count(output):
        counts[output.analytic_id] = counts.get(output.analytic_id, 0) + 1

    engine.add_output_hook(count)
    loaded = []
    with open(path, encoding="utf-8") as lines, eql.parser.elasticsearch_syntax, eql.parser.ignore_missing_functions:
        for line in lines:
            rule = json.loads(line)
            try:
                query = eql.parse_query(rule["query"])
                engine.add_analytic(eql.ast.EqlAnalytic(query, metadata={"id": rule["id"]}))
                loaded.append(rule["id"])
            except Exception as error:  # Every kind of refusal is one.
                refused.append(f"{rule['id']}: {type(error).__name__}: {str(error).splitlines()[0]}")
    return engine, loaded, refused, counts


def run(engine, lines):
    """Streams all lines; gives how many were no event to the engine."""
    failed = 0
    for line in lines:
        data = json.loads(line)
        event = data.get("event")
        category = event.get("category") if isinstance(event, dict) else data.get("event.category")
        if isinstance(category, list):
            category = category[0] if category else None
        try:
            engine.stream_event(eql.Event(category or "generic", 0, data))
        except Exception:  # A value of a type that the engine does not expect ends its run over the event.
            failed += 1
    return failed


def main():
    rules, events, passes = sys.argv[1:]
    engine, loaded, refused, counts = add_rules(rules)
    with open(events, "rb") as file:
        lines = [line for line in file if line.strip()]
    seconds = []
    failed = 0
    for _ in range(int(passes)):
        counts.clear()
        start = time.perf_counter()
        failed = run(engine, lines)
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
                "bytes": sum(map(len, lines)),
                "seconds": seconds,
                "matches": sum(counts.values()),
                "by_rule": counts,
            }
        )
    )


main()
