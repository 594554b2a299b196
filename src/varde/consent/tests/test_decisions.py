"""The stream of consent: exhaustive short histories and many random ones."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from varde.consent import (
    ConsentDecision,
    ConsentEvent,
    Decider,
    DeciderKind,
    EventKind,
    Form,
    IllegalEvent,
    Purpose,
    Reach,
    Recipient,
    RecipientKind,
    Scope,
    State,
    Subject,
    Terms,
    evaluate,
)

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FORM = Form("care", "3", "nb", "0" * 64)
SELF = Decider(DeciderKind.SELF, "person-1")
LAB = Recipient(RecipientKind.OWN_LABORATORY)
ADULT = Subject("person-1", date(1980, 5, 5))
EVERYTHING = frozenset(Purpose)
SIGNING = (EventKind.GIVEN, EventKind.CHANGED)


def terms(allowed=EVERYTHING, **other):
    settled = {"recipients": frozenset(RecipientKind), "reach": Reach.THIRD_COUNTRY, "commercial": True}
    return Terms(FORM, SELF, frozenset(allowed), **(settled | other))


def event(kind, hours, **other):
    return ConsentEvent(kind, START + hours * HOUR, "person-1", terms(**other) if kind in SIGNING else None)


def stream(*kinds, identifier="c1", project=None, **other):
    events = tuple(event(kind, hours, **other) for hours, kind in enumerate(kinds))
    return ConsentDecision(identifier, "person-1", events, project)


def allowed(decisions, at, purpose=Purpose.CARE_PANEL, scope=None):
    return evaluate(decisions, purpose, LAB, at=at, subject=ADULT, scope=scope).allowed


def legal(kinds):
    """The state machine of the reference, written as a chain of ifs."""
    state = "none"
    for kind in kinds:
        if state == "withdrawn":
            return None
        if kind is EventKind.DRAFTED and state == "none":
            state = "drafted"
        elif (kind is EventKind.GIVEN and state in ("none", "drafted")) or (
            kind is EventKind.CHANGED and state == "active"
        ):
            state = "active"
        elif kind is EventKind.SUSPENDED and state == "active":
            state = "suspended"
        elif kind is EventKind.RESUMED and state == "suspended":
            state = "active"
        elif kind is EventKind.WITHDRAWN and state != "none":
            state = "withdrawn"
        else:
            return None
    return state


def test_every_history_of_up_to_five_events():
    """9,331 histories: each is refused or stands as the state machine says, and only an active one allows."""
    reached = set()
    for length in range(6):
        for kinds in product(EventKind, repeat=length):
            state = legal(kinds)
            if state is None:
                with pytest.raises(IllegalEvent):
                    stream(*kinds)
                continue
            found = stream(*kinds)
            now = START + length * HOUR
            names = ("given", "changed") if state == "active" else (state,)
            assert found.state_at(now).value in names
            assert allowed([found], now) is (state == "active")
            reached.add(state)
    assert reached == {"none", "drafted", "active", "suspended", "withdrawn"}


def test_no_random_history_allows_anything_after_a_withdrawal():
    """20,000 histories of several streams; the oracle scans the events in order of time."""
    draw = random.Random(5)
    purposes = (Purpose.CARE_PANEL, Purpose.REGISTER_COUNT, Purpose.MATCHMAKING, Purpose.INCIDENTAL_FINDINGS)
    after_withdrawal = 0
    for _ in range(20_000):
        streams = [ConsentDecision(f"c{n}", "person-1") for n in range(draw.randint(1, 3))]
        hour = 0
        for _ in range(draw.randint(1, 9)):
            place, kind = draw.randrange(len(streams)), draw.choice(list(EventKind))
            hour += draw.choice((0, 1, 5))
            try:
                streams[place] = streams[place].with_event(event(kind, hour, allowed=purposes[: draw.randint(1, 4)]))
            except IllegalEvent:
                continue
        now = START + (hour + 1) * HOUR
        purpose = draw.choice(purposes)
        withdrawn = [e.at for s in streams for e in s.events if e.kind is EventKind.WITHDRAWN]
        given_since = [
            s
            for s in streams
            for e in s.events
            if e.kind is EventKind.GIVEN
            and (not withdrawn or e.at > max(withdrawn))
            and s.events[-1].kind is not EventKind.WITHDRAWN
        ]
        answer = evaluate(streams, purpose, LAB, at=now, subject=ADULT)
        if withdrawn and not given_since:
            after_withdrawal += 1
            assert not answer.allowed, streams
            assert answer.reason.key == "consent.denied.withdrawn"
        if answer.allowed and purpose is not Purpose.REGISTER_COUNT:
            assert given_since, streams
            assert not any(s.events[-1].kind is EventKind.SUSPENDED for s in given_since), streams
    assert after_withdrawal > 3000


@pytest.mark.parametrize("purpose", list(Purpose))
def test_nothing_follows_a_withdrawal_in_its_stream(purpose):
    over = stream(EventKind.GIVEN, EventKind.WITHDRAWN)
    for kind in EventKind:
        with pytest.raises(IllegalEvent, match="may not follow the state withdrawn"):
            over.with_event(event(kind, 9))
    assert len(over.events) == 2
    assert not allowed([over], START + 99 * HOUR, purpose, Scope(project="p"))


def test_consenting_again_is_a_new_stream():
    old = stream(EventKind.GIVEN, EventKind.WITHDRAWN)
    new = ConsentDecision("c2", "person-1", (event(EventKind.GIVEN, 5),))
    assert not allowed([old, new], START + 4 * HOUR)
    assert allowed([old, new], START + 5 * HOUR)


def test_withdrawing_the_second_of_two_ends_the_first():
    """Sage BridgePF #1172: consented twice, withdrew the second; is the first still active?"""
    first = ConsentDecision("c1", "person-1", (event(EventKind.GIVEN, 0),))
    second = ConsentDecision("c2", "person-1", (event(EventKind.GIVEN, 1), event(EventKind.WITHDRAWN, 2)))
    assert allowed([first, second], START + HOUR)
    assert not allowed([first, second], START + 2 * HOUR)


def test_the_answer_is_of_the_moment_asked_about():
    whole = stream(EventKind.DRAFTED, EventKind.GIVEN, EventKind.SUSPENDED, EventKind.RESUMED, EventKind.WITHDRAWN)
    answers = [allowed([whole], START + hour * HOUR) for hour in range(-1, 6)]
    assert answers == [False, False, True, False, True, False, False]


def test_the_end_date_is_exclusive_and_a_change_renews():
    end = START + 10 * HOUR
    found = stream(EventKind.GIVEN, valid_until=end)
    assert found.state_at(end - timedelta(microseconds=1)) is State.GIVEN
    assert found.state_at(end) is State.EXPIRED
    with pytest.raises(IllegalEvent, match="state expired"):
        found.with_event(event(EventKind.SUSPENDED, 11))
    renewed = found.with_event(event(EventKind.CHANGED, 11))
    assert (renewed.state_at(end), renewed.state_at(START + 11 * HOUR)) == (State.EXPIRED, State.CHANGED)


def test_the_epoch_grows_with_every_narrowing_and_never_falls():
    found = stream(EventKind.GIVEN, EventKind.CHANGED, EventKind.SUSPENDED, EventKind.RESUMED, EventKind.WITHDRAWN)
    assert [found.epoch_at(START + hour * HOUR) for hour in range(5)] == [0, 1, 2, 2, 3]
    ending = stream(EventKind.GIVEN, valid_until=START + HOUR)
    assert [ending.epoch_at(START + hour * HOUR) for hour in range(3)] == [0, 1, 1]


def test_events_are_in_order_of_time():
    with pytest.raises(IllegalEvent, match="is earlier than"):
        ConsentDecision("c", "p", (event(EventKind.GIVEN, 2), event(EventKind.WITHDRAWN, 1)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Form("f", "1", "nb", "xyz"), "64 hexadecimal"),
        (lambda: terms(refused=frozenset({Purpose.QUALITY})), "both allowed and refused"),
        (lambda: terms(valid_from=START, valid_until=START), "not after the start"),
        (lambda: terms(valid_until=datetime(2026, 1, 1)), "no time zone"),
        (lambda: ConsentEvent(EventKind.GIVEN, START, "p"), "signed answers belong"),
        (lambda: ConsentEvent(EventKind.WITHDRAWN, START, "p", terms()), "signed answers belong"),
        (lambda: ConsentEvent(EventKind.WITHDRAWN, datetime(2026, 1, 1), "p"), "no time zone"),
        (lambda: stream(EventKind.GIVEN).state_at(datetime(2026, 1, 1)), "no time zone"),
        (lambda: Recipient(RecipientKind.PATIENT, countries=frozenset({"Norway"})), "ISO 3166"),
    ],
)
def test_illegal_values_cannot_be_written(make, message):
    with pytest.raises(ValueError, match=message):
        make()
