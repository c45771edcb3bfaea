"""Single decisions on one core: the compiled law against its promise, the reference, two rule engines, a bare limit.

    .venv/bin/python benchmarks/decide.py [--cases 4000] [--seconds 5] [--profile cn.bank.online]

Cases are of distinct synthetic persons with twenty events each, read beforehand; half of the contacts are permitted and
half are not, by construction. Every decision carries all its reasons, rendered, and the next permitted instant.
The rule engines get the same rules, translated from the same nodes, and the features ready made: counting, hours and
gates are done for them outside their clock, and they answer with one effect a rule and nothing else.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import cel
import decide_peers as peers
import decide_persons as persons
import zen

from zhizhi.core.conduct.case import Case, parse_case
from zhizhi.core.conduct.compiled import compile_law
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Budget, Decision, Obligation, Reason, Verdict
from zhizhi.store.packs import load_law

PROMISED_A_SECOND = 20_000
PROMISED_P99_US = 200
REFERENCE_SAMPLE = 400
PEER_SAMPLE = 1_000


def main() -> int:
    """Make cases, check, measure, print; exit code 1 where a promise is broken."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=4_000)
    arguments.add_argument("--seconds", type=float, default=5.0)
    arguments.add_argument("--profile", default="cn.bank.online")
    wanted = arguments.parse_args()
    core = one_core()
    law = load_law(wanted.profile)
    print(f"{wanted.profile}, strict; core {core}; load {os.getloadavg()[0]:.1f}; {law_line(law)}")

    documents = persons.documents(wanted.cases, law)
    cases, parse_us = parsed(documents)
    compiled = compile_law(law)
    decisions = [compiled.answer(case) for case in cases]
    describe(cases, decisions)
    sample = cases[:: max(1, len(cases) // REFERENCE_SAMPLE)]
    for case in sample:
        assert compiled.answer(case) == decide(case, law), f"not the reference's decision: {case.id}"
    print(f"the same decisions as the reference: {len(sample):,} compared, every field")

    rate, cpu_us = throughput(compiled.decide, cases, wanted.seconds)
    halves = {name: throughput(compiled.decide, some, wanted.seconds / 4)[1] for name, some in split(cases, decisions)}
    p50, p99, cpu_p99 = latency(compiled.decide, cases)
    reference_us = throughput(lambda case: decide(case, law), sample, wanted.seconds / 4)[1]
    limit_us = bare(cases, decisions, wanted.seconds / 4)
    print(f"\ndecisions a second, wall clock, one core     {rate:>10,.0f}   promised {PROMISED_A_SECOND:,}")
    print(f"processor time a decision                    {cpu_us:>10.1f} µs ({1e6 / cpu_us:,.0f} a second of the core)")
    for name, us in halves.items():
        print(f"    of those {name:<10}                       {us:>10.1f} µs")
    print(f"p50, p99 by the clock of each call           {p50:>6.0f}, {p99:.0f} µs; processor p99 {cpu_p99:.0f} µs; "
          f"promised p99 {PROMISED_P99_US} µs")  # fmt: skip
    print(f"reading a case from its JSON text, apart     {parse_us:>10.0f} µs")
    print(
        f"the reference evaluator                      {reference_us:>10.1f} µs, {reference_us / cpu_us:.1f} times ours"
    )
    print(
        f"bare limit: its facts read, its answer made  {limit_us:>10.1f} µs, ours is {cpu_us / limit_us:.1f} times that"
    )
    ahead = against_peers(law, cases, decisions, cpu_us, wanted.seconds / 4)
    kept = rate >= PROMISED_A_SECOND and p99 <= PROMISED_P99_US and ahead
    print("\nkept" if kept else "\nNOT kept: " + ", ".join(missed(rate, p99, ahead)))
    return 0 if kept else 1


def missed(rate: float, p99: float, ahead: bool) -> list[str]:
    """Which promises were not kept."""
    named = {
        f"{rate:,.0f} a second": rate >= PROMISED_A_SECOND,
        f"p99 {p99:.0f} µs": p99 <= PROMISED_P99_US,
        "behind a rule engine": ahead,
    }
    return [name for name, kept in named.items() if not kept]


def one_core() -> int:
    """Stay on one core."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def law_line(law: Any) -> str:
    """The packs that decide."""
    return ", ".join(f"{pack.id} {pack.version}" for pack in law.packs) + (" (partial)" if law.is_partial else "")


def parsed(documents: Sequence[dict[str, Any]]) -> tuple[list[Case], float]:
    """The cases as they are read from JSON text, and the processor time of reading one from that text."""
    written = [json.dumps(document, ensure_ascii=False) for document in documents]
    begun = time.process_time()
    cases = [parse_case(json.loads(text)) for text in written]
    return cases, (time.process_time() - begun) / len(documents) * 1e6


def describe(cases: Sequence[Case], decisions: Sequence[Decision]) -> None:
    """What was asked: verdicts, first reasons, and how the cases differ."""
    verdicts = Counter(decision.verdict for decision in decisions)
    permitted = verdicts[Verdict.PERMIT]
    assert abs(2 * permitted - len(cases)) <= 1, "half permits and half refusals"
    assert all(len(case.events) == persons.EVENTS for case in cases), "every person has as many events"
    assert len({case.events for case in cases}) == len(cases), "no two persons are alike"
    first = Counter(decision.reasons[0].rule.rpartition("/")[2] for decision in decisions if decision.reasons)
    dated = sum(decision.next_permitted_at is not None for decision in decisions)
    print(f"{len(cases):,} persons, {persons.EVENTS} events each, "
          f"{sum(bool(case.statements) for case in cases):,} who said something; "
          + ", ".join(f"{verdict.value} {count:,}" for verdict, count in verdicts.most_common()))  # fmt: skip
    print(f"channels: {dict(Counter(case.proposed.channel for case in cases).most_common())}; "
          f"next instants found: {dated:,}; reasons {sum(len(d.reasons) for d in decisions):,}")  # fmt: skip
    print(f"first reasons: {dict(first.most_common(9))}")


def split(cases: Sequence[Case], decisions: Sequence[Decision]) -> list[tuple[str, list[Case]]]:
    """Permits and refusals apart."""
    both = list(zip(cases, decisions, strict=True))
    return [
        ("permits", [case for case, decision in both if decision.verdict is Verdict.PERMIT]),
        ("refusals", [case for case, decision in both if decision.verdict is not Verdict.PERMIT]),
    ]


def throughput(decide_one: Callable[[Case], object], cases: Sequence[Case], seconds: float) -> tuple[float, float]:
    """Decisions a second by the wall clock, and microseconds of processor time for one."""
    done, begun, cpu = 0, time.perf_counter(), time.process_time()
    while (passed := time.perf_counter() - begun) < seconds:
        for case in cases:
            decide_one(case)
        done += len(cases)
    return done / passed, (time.process_time() - cpu) / done * 1e6


def latency(decide_one: Callable[[Case], object], cases: Sequence[Case]) -> tuple[float, float, float]:
    """Median and 99th of a hundred by the clock of each call, and the latter by processor time; microseconds."""
    walls, cpus = [], []
    for case in cases:
        cpu, begun = time.thread_time_ns(), time.perf_counter_ns()
        decide_one(case)
        walls.append(time.perf_counter_ns() - begun)
        cpus.append(time.thread_time_ns() - cpu)
    hundredths, by_cpu = statistics.quantiles(walls, n=100), statistics.quantiles(cpus, n=100)
    return hundredths[49] / 1e3, hundredths[98] / 1e3, by_cpu[98] / 1e3


def bare(cases: Sequence[Case], decisions: Sequence[Decision], seconds: float) -> float:
    """What no decision can be quicker than: five facts of each event read, and the same answer made of ready parts."""
    names = [field.name for field in fields(Decision)]
    makers: list[tuple[Case, list[tuple[type, tuple[Any, ...]]], tuple[Any, ...]]] = []
    for case, decision in zip(cases, decisions, strict=True):
        parts: list[Reason | Obligation | Budget] = [*decision.reasons, *decision.obligations, *decision.budgets]
        made = [(type(part), tuple(getattr(part, field.name) for field in fields(part))) for part in parts]
        makers.append((case, made, tuple(getattr(decision, name) for name in names)))

    def one(work: Any) -> None:
        case, made, values = work
        for event in case.events:
            _ = event.at, event.channel, event.direction, event.party, event.outcome
        for kind, arguments in made:
            kind(*arguments)
        Decision(*values)

    return throughput(one, makers, seconds)[1]


def against_peers(
    law: Any, cases: Sequence[Case], decisions: Sequence[Decision], ours_us: float, seconds: float
) -> bool:
    """The same conditions over the same counted features in two rule engines; True where ours is ahead of both."""
    some = cases[:PEER_SAMPLE]
    rules = peers.translate(law, "strict", some[0].proposed.at.date())
    records = [peers.counted(case, law, rules) for case in some]
    text_cel, text_zen = peers.as_cel(rules), peers.as_zen(rules)
    in_cel, in_zen = cel.compile(text_cel), zen.compile_expression(text_zen)
    contexts = [cel.Context(variables=record) for record in records]
    written = [json.dumps(record) for record in records]
    for decision, record in zip(decisions, records, strict=False):
        wanted = decision.verdict.value
        assert peers.verdict(in_cel.execute(record)) == wanted, f"CEL decides otherwise: {decision.id}"
        assert peers.verdict(in_zen.evaluate(record)) == wanted, f"zen decides otherwise: {decision.id}"
    print(
        f"\n{len(rules)} rules, {len(records[0])} features; verdicts of both engines checked equal: {len(some):,} cases"
    )
    runs: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
        "common-expression-language, features as a dict": (in_cel.execute, records),
        "common-expression-language, features converted beforehand": (in_cel.execute, contexts),
        "zen-engine, features as a dict": (in_zen.evaluate, records),
        "zen-engine, features as JSON written beforehand": (in_zen.evaluate, written),
    }
    best = {}
    for name, (evaluate, inputs) in runs.items():
        best[name] = throughput(evaluate, inputs, seconds)[1]
        print(f"{name:<60} {best[name]:>8.1f} µs: {best[name] / ours_us:.1f} times ours, verdict only")
    return min(best.values()) > ours_us


if __name__ == "__main__":
    sys.exit(main())
