"""The workflow's log read as steps, and the failing line of a step's own log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from varde.pipeline.steps import LogReader, Step, StepBook, read_attempts, read_log, read_steps

LOG = """\
Job stats:
[Tue Dec  1 03:05:48 2026]
localrule trim:
    input: a, b
    log: logs/trim.child.L001.log
    jobid: 5
    wildcards: sample=child, unit=L001
    resources: tmpdir=/tmp
Shell command:
        fastp -i a
        [ -e x ] || : > x

[Tue Dec  1 03:06:02 2026]
Finished jobid: 5 (Rule: trim)
1 of 4 steps (25%) done
rule call:
    jobid: 7
    log: logs/call.chr1.log
    wildcards: contig=chr1
Shell command: bcftools call
RuleException:
Error in rule call:
    message: None
    jobid: 7
    log: logs/call.chr1.log (check log file(s) for error details)
Exiting because a job execution failed.
"""
BEGIN = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)


def test_a_log_becomes_steps_with_their_times_commands_and_faults(tmp_path: Path) -> None:
    book, reader = StepBook(tmp_path), LogReader()
    book.attempt("Kari Nordmann", BEGIN)
    counted = []
    for number, line in enumerate(LOG.replace("Shell command:\n", "Shell command: \n").splitlines()):
        for event in reader.take(line, BEGIN + timedelta(seconds=number)):
            book.note(event)
            counted += [(event.done, event.total)] if event.kind == "counted" else []
    for event in reader.rest():
        book.note(event)
    at = [BEGIN + timedelta(seconds=number) for number in range(30)]
    trim = Step(
        "trim", "child L001", "done", at[2], at[13], "fastp -i a\n[ -e x ] || : > x", "logs/trim.child.L001.log"
    )
    call = Step("call", "chr1", "failed", at[15], at[21], "bcftools call", "logs/call.chr1.log")
    assert read_steps(tmp_path) == (trim, call)
    assert trim.seconds == 11.0
    assert counted == [(1, 4)]
    assert read_attempts(tmp_path) == (("Kari Nordmann", BEGIN),)


def test_a_step_that_runs_for_hours_is_known_before_the_next_line() -> None:
    reader = LogReader()
    for line in LOG.splitlines()[2:8]:
        assert list(reader.take(line, BEGIN)) == []
    [event] = reader.rest()
    assert (event.kind, event.rule, event.subject) == ("began", "trim", "child L001")
    assert list(reader.rest()) == []


def test_the_failing_line_of_a_log_is_found_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "call.log"
    path.write_text("".join(f"line {number}\n" for number in range(1, 100)) + "[E::fai] no index\nCleaning up\n")
    found = read_log(path, around=2)
    assert found.fault == 100
    assert [number for number, _ in found.lines] == [98, 99, 100, 101]


def test_a_log_without_a_telling_line_ends_at_its_last(tmp_path: Path) -> None:
    path = tmp_path / "call.log"
    path.write_text("one\nKilled\n")
    assert read_log(path).fault == 2
    assert read_log(tmp_path / "absent.log").lines == ()


def test_the_last_line_of_a_stopped_machine_is_passed_over(tmp_path: Path) -> None:
    StepBook(tmp_path).attempt("Kari", BEGIN)
    with (tmp_path / "steps.jsonl").open("a") as file:
        file.write('{"rule": "tri')
    assert read_steps(tmp_path) == ()
    assert len(read_attempts(tmp_path)) == 1
