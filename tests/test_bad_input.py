"""Whatever comes in, the contract's error goes out, and the log stays calm."""

import json
import uuid

import pytest


def problem(answer):
    """Return status and code of a proper problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer
    body = answer.body
    assert {"type", "title", "status", "code", "detail", "errors"} <= set(body)
    assert body["status"] == answer.status
    assert "Traceback" not in answer.content.decode()
    return answer.status, body["code"]


def changed(**changes):
    """Return a function that spoils a good booking."""

    def spoil(body):
        body = {**body, **changes}
        return {name: value for name, value in body.items() if value is not ...}

    return spoil


BAD_BOOKINGS = {
    "no time zone": changed(start="2027-01-05T14:00:00"),
    "a date": changed(start="2027-01-05"),
    "a number for a time": changed(start=1795345135),
    "unknown field": changed(colour="red"),
    "wrong type": changed(people="two"),
    "number as text": changed(room_id="1"),
    "no room": changed(room_id=...),
    "nobody": changed(people=0),
    "negative": changed(people=-1),
    "too many": changed(people=10_000),
    "null": changed(start=None),
    "list": lambda body: [body],
    "text": lambda body: "booking",
    "huge number": changed(room_id=10**30),
    "float": changed(people=1.5),
    "nul character": changed(note="a\x00b"),
    "end before start": lambda body: {**body, "end": body["start"]},
}


@pytest.mark.parametrize("spoil", BAD_BOOKINGS.values(), ids=BAD_BOOKINGS)
def test_bad_bookings(stack, spoil):
    api = stack.member()
    body = spoil({**stack.slot(days=13), "people": 2})
    with stack.no_traceback():
        answer = api.send("POST", "/bookings", body, key=str(uuid.uuid4()))
    assert problem(answer) == (422, "invalid_request")


@pytest.mark.parametrize(
    "text", [b"{", b"\xff\xfe", b"[" * 100_000, b"", b"nan", b'{"a":1,"a":2}']
)
def test_bad_json(stack, text):
    with stack.no_traceback():
        answer = stack.member().send("POST", "/bookings", text, key=str(uuid.uuid4()))
    assert problem(answer) == (422, "invalid_request")


def test_huge_body(stack):
    body = json.dumps({"note": "x" * 300_000}).encode()
    with stack.no_traceback():
        answer = stack.member().send("POST", "/bookings", body, key="huge")
    assert problem(answer) == (413, "too_large")


def test_unknown_room_and_booking(stack):
    api = stack.member()
    with stack.no_traceback():
        body = {**stack.slot(days=13), "room_id": 999_999, "people": 1}
        answer = api.send("POST", "/bookings", body, key=str(uuid.uuid4()))
        assert problem(answer) == (404, "not_found")
        for path in (
            "/bookings/nothing",
            "/rooms/999999",
            "/stores/999999",
            "/nowhere",
        ):
            assert problem(api.send("GET", path)) == (404, "not_found")


def test_without_a_valid_token(stack):
    with stack.no_traceback():
        assert problem(stack.public.send("GET", "/me")) == (401, "unauthenticated")
        api = stack.member()
        api.token = "x" * 40
        assert problem(api.send("GET", "/me")) == (401, "unauthenticated")
        wrong = {"grant": "password", "phone": "13800000001", "password": "wrong"}
        answer = stack.public.send("POST", "/auth/sessions", wrong)
        assert problem(answer) == (401, "unauthenticated")


def test_key_is_required_where_something_is_made(stack):
    api = stack.member()
    with stack.no_traceback():
        answer = api.send("POST", "/bookings", {**stack.slot(days=13), "people": 1})
    assert problem(answer) == (422, "invalid_request")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
        {"lat": "91", "lng": "0"},
        {"lat": "30"},
        {"cursor": "nonsense"},
        {"unknown": "1"},
    ],
    ids=lambda query: "-".join(query),
)
def test_bad_queries(stack, query):
    with stack.no_traceback():
        answer = stack.public.send("GET", "/stores", **query)
    assert problem(answer) == (422, "invalid_request")


def test_detail_is_in_the_language_of_the_guest(stack):
    english = stack.public.send("GET", "/stores/999999").body["detail"]
    chinese = stack.public
    chinese.language = "zh-CN"
    translated = chinese.send("GET", "/stores/999999").body["detail"]
    assert english.isascii()
    assert not translated.isascii()
