"""The four-way classifier: what a submit came to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, formatdate
from functools import partial

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Failure, FailureClass
from domain.gateway import Accepted, NotSent, Rejected, Submission, Uncertain
from gateways import (
    fal_failures,
    fal_wire,
    heygen_failures,
    heygen_progress,
    runware_failures,
    runware_wire,
)
from gateways.classify import (
    NOT_SENT_ERRORS,
    Answer,
    Dialect,
    classify_answer,
    classify_error,
    is_remote_id,
    retry_after_s,
)

NOW = 1_790_000_000.0
HEYGEN = Dialect(heygen_progress.decode_accepted, heygen_failures.refused)
FAL = Dialect(fal_wire.decode_accepted, fal_failures.refused)
TASK = "6f0c9f0e-9a53-4c1e-8f37-0d4b8a7c1234"
RUNWARE = Dialect(
    lambda answer: Accepted(TASK) if runware_wire.acknowledges(answer, TASK) else None,
    runware_failures.refused,
)
HEYGEN_ERROR = b'{"error":{"code":"invalid_parameter","message":"no","param":"input.prompt"}}'
FAL_ERROR = b'{"detail":"no"}'
RUNWARE_ERROR = b'{"errors":[{"code":"invalidDuration","message":"no"}]}'
HTML = b"<html><h1>502 Bad Gateway</h1></html>"
EACH = [(HEYGEN, HEYGEN_ERROR), (FAL, FAL_ERROR), (RUNWARE, RUNWARE_ERROR)]
REFUSING = {400, 401, 402, 403, 413, 415, 422, 429}
GONE = {404, 405, 410}


def _answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, httpx.Headers(named), body, NOW)


def _kind(outcome: Submission) -> FailureClass:
    assert isinstance(outcome, Rejected)
    return outcome.failure.kind


@pytest.mark.parametrize("error", NOT_SENT_ERRORS)
def test_errors_before_a_connection_are_not_sent(error: type[Exception]) -> None:
    assert classify_error(error("no way")) == NotSent(f"{error.__name__}: no way")


@pytest.mark.parametrize(
    "error",
    [
        *(httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError),
        *(httpx.CloseError, httpx.RemoteProtocolError, httpx.LocalProtocolError),
        *(httpx.DecodingError, httpx.TooManyRedirects, httpx.ProxyError, httpx.NetworkError),
        *(httpx.InvalidURL, TimeoutError, ConnectionError, OSError, ValueError),
    ],
)
def test_any_other_error_is_uncertain(error: type[Exception]) -> None:
    assert classify_error(error("")) == Uncertain(error.__name__)


def test_an_error_does_not_tell_the_key() -> None:
    error = httpx.LocalProtocolError("Illegal header value b'Key 1234-5678:abcdefgh'")

    assert "1234" not in classify_error(error, ["1234-5678:abcdefgh"]).reason


def test_an_id_in_a_2xx_answer_is_accepted() -> None:
    taken = _answer(200, b'{"data":{"execution_id":"node-gw-1","status":"submitted"}}')

    assert classify_answer(taken, HEYGEN) == Accepted("node-gw-1")
    assert classify_answer(_answer(201, b'{"request_id":"a.b"}'), FAL) == Accepted("a.b", {})


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[]", b"null", HTML, b'{"data":{}}', b'{"data":null}', b"\xff\xfe{\x00"),
        *(b'{"data":{"execution_id":null}}', b'{"data":{"execution_id":7}}'),
        *(b'{"data":{"execution_id":""}}', b'{"data":{"execution_id":".."}}'),
        *(b'{"data":{"execution_id":"../x"}}', b'{"data":{"execution_id":"a\\u0000"}}'),
        b'{"data":{"execution_id":"%s"}}' % (b"a" * 201),
        b'{"data":{"execution_id":"node-gw-1"',
        b'\xef\xbb\xbf{"data":{"execution_id":"node-gw-1"}}',
        b'{"data":' * 100_000,
        b'{"error":{"code":"internal_error","message":"we do not know"},"data":null}',
    ],
)
def test_a_2xx_answer_without_a_usable_id_is_uncertain(body: bytes) -> None:
    assert isinstance(classify_answer(_answer(200, body), HEYGEN), Uncertain)


def test_a_2xx_answer_that_refuses_in_the_vendors_words_is_rejected() -> None:
    refusal = _answer(200, b'{"code":400680,"message":"unsafe prompt","data":null}')

    assert _kind(classify_answer(refusal, HEYGEN)) is FailureClass.REFUSED_CONTENT


@pytest.mark.parametrize("status", sorted(REFUSING))
@pytest.mark.parametrize(("dialect", "body"), EACH)
def test_a_refusal_needs_the_vendors_own_envelope(
    status: int, dialect: Dialect, body: bytes
) -> None:
    assert isinstance(classify_answer(_answer(status, body), dialect), Rejected)
    assert isinstance(classify_answer(_answer(status, HTML), dialect), Uncertain)
    assert isinstance(classify_answer(_answer(status), dialect), Uncertain)


@pytest.mark.parametrize("status", sorted(GONE))
@pytest.mark.parametrize("body", [b"", HTML, HEYGEN_ERROR, b'{"message":"Not Found"}'])
def test_an_endpoint_that_is_not_there_is_gone_whatever_it_says(status: int, body: bytes) -> None:
    assert _kind(classify_answer(_answer(status, body), HEYGEN)) is FailureClass.GONE


@pytest.mark.parametrize(
    "said",
    [
        b"This endpoint is Legacy and has been removed on 2026-10-31.",
        b'{"error":{"code":"forbidden","message":"API sunset"}}',
        b"<p>no longer available</p>",
    ],
)
def test_a_403_that_says_so_is_gone(said: bytes) -> None:
    assert _kind(classify_answer(_answer(403, said), HEYGEN)) is FailureClass.GONE
    assert _kind(classify_answer(_answer(403, HEYGEN_ERROR), HEYGEN)) is not FailureClass.GONE


@pytest.mark.parametrize(
    ("dialect", "said", "kind"),
    [
        (
            HEYGEN,
            '{"error":{"code":"resource_access_denied",'
            '"message":"This avatar is no longer available to your workspace"}}',
            FailureClass.BAD_INPUT,
        ),
        (
            HEYGEN,
            '{"error":{"code":"forbidden","message":"avatar_iii is deprecated for this look"}}',
            FailureClass.CONFIG,
        ),
        (
            HEYGEN,
            '{"error":{"code":"forbidden","message":"API access is no longer available: upgrade"}}',
            FailureClass.CONFIG,
        ),
        (
            FAL,
            '{"detail":"Your trial credits are no longer available. Top up."}',
            FailureClass.CREDITS,
        ),
    ],
)
def test_what_one_request_may_not_have_is_not_gone_for_everybody(
    dialect: Dialect, said: str, kind: FailureClass
) -> None:
    assert _kind(classify_answer(_answer(403, said.encode()), dialect)) is kind


def test_runwares_404_and_its_parameters_are_about_the_input() -> None:
    dialect = replace(RUNWARE, misses_inputs=True)
    image = b'{"errors":[{"code":"imageNotFound","message":"no","parameter":"inputs.image"}]}'
    length = b'{"errors":[{"code":"unsupportedModel","message":"no","parameter":"duration"}]}'
    model = b'{"errors":[{"code":"unsupportedModel","message":"no","parameter":"model"}]}'

    assert _kind(classify_answer(_answer(404, image), dialect)) is FailureClass.BAD_INPUT
    assert _kind(classify_answer(_answer(400, length), dialect)) is FailureClass.BAD_INPUT
    assert _kind(classify_answer(_answer(400, model), dialect)) is FailureClass.GONE
    assert _kind(classify_answer(_answer(410, image), dialect)) is FailureClass.GONE


@pytest.mark.parametrize("status", [100, 204, 301, 302, 303, 307, 308, 408, 409, 425, 500, 503])
@pytest.mark.parametrize(("dialect", "body"), EACH)
def test_what_may_have_been_accepted_is_uncertain_even_with_an_envelope(
    status: int, dialect: Dialect, body: bytes
) -> None:
    if 200 <= status < 300:
        body = b""

    assert isinstance(classify_answer(_answer(status, body), dialect), Uncertain)


def test_a_429_of_an_edge_that_says_when_is_a_refusal() -> None:
    outcome = classify_answer(_answer(429, HTML, retry_after="20"), HEYGEN)

    assert outcome == Rejected(
        Failure(kind=FailureClass.RATE, detail="HTTP 429"), retry_after_s=20.0
    )


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        *(("0", 1.0), ("-5", 1.0), ("7", 7.0), ("7.5", 7.5), ("1000000000", 900.0)),
        *(("9" * 250, 900.0), ("soon", None), ("", None), ("nan", None), ("1e9", None)),
        *(("٣", None), ("Mon, 99 Zzz 2026 00:00:00 GMT", None)),
        *((formatdate(NOW + 60, usegmt=True), 60.0), (formatdate(NOW - 60, usegmt=True), 1.0)),
        *((formatdate(NOW + 86_400, usegmt=True), 900.0), (formatdate(NOW + 60), 60.0)),
    ],
)
def test_retry_after_is_read_and_bounded(said: str, wait_s: float | None) -> None:
    headers = httpx.Headers([(b"retry-after", said.encode())])

    assert retry_after_s(Answer(429, headers, b"", NOW)) == wait_s


@given(st.text(max_size=60) | st.datetimes().map(str) | st.floats().map(str))
def test_no_retry_after_breaks_the_reader(said: str) -> None:
    headers = httpx.Headers([(b"retry-after", said.encode("utf-8", "surrogatepass"))])
    wait_s = retry_after_s(Answer(429, headers, b"", NOW))

    assert wait_s is None or 1.0 <= wait_s <= 900.0


@given(st.floats(-2_000_000_000, 9_000_000_000), st.integers(-23, 23))
def test_every_http_date_gives_a_wait(moment: float, offset_h: int) -> None:
    zoned = datetime.fromtimestamp(moment, timezone(timedelta(hours=offset_h)))
    said = httpx.Headers({"retry-after": format_datetime(zoned)})
    wait_s = retry_after_s(Answer(503, said, b"", NOW))

    assert wait_s == pytest.approx(min(max(zoned.timestamp() - NOW, 1), 900), abs=1)


_BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [HEYGEN_ERROR, FAL_ERROR, HTML, b'{"error":"no"}', b'{"code":1,"message":"n"}']
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        *("error", "data", "detail", "code", "message"),
                        *("execution_id", "request_id", "errors", "taskUUID"),
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    ).map(lambda value: json.dumps(value).encode()),
)


@given(st.integers(100, 599), _BODIES, st.sampled_from([HEYGEN, FAL, RUNWARE]), st.booleans())
def test_an_acceptance_is_never_called_a_refusal(
    status: int, body: bytes, dialect: Dialect, says_when: bool
) -> None:
    """S5: only an explicit refusal is one, and whatever proves an acceptance is kept."""
    headers = {"retry_after": "5"} if says_when else {}
    answer = _answer(status, body, **headers)
    outcome = classify_answer(answer, dialect)

    proof = dialect.accepted(answer)
    if 200 <= status < 300 and proof is not None and is_remote_id(proof.remote_id):
        assert outcome == proof
    if isinstance(outcome, Accepted):
        assert 200 <= status < 300
        assert is_remote_id(outcome.remote_id)
    if isinstance(outcome, Rejected):
        stated = dialect.refused(answer) is not None
        assert (
            status in GONE
            or (status in REFUSING and stated)
            or (status == 429 and says_when)
            or (200 <= status < 300 and stated and dialect.accepted(answer) is None)
        )
    if status in {408, 409, 425} or 300 <= status < 400 or status >= 500:
        assert isinstance(outcome, Uncertain)


@given(st.text(max_size=30))
def test_an_id_is_safe_in_a_path(text: str) -> None:
    if is_remote_id(text):
        assert text not in {".", ".."}
        assert not set(text) & set("/?#% \n\\")


def test_a_refusal_carries_its_field() -> None:
    outcome = classify_answer(_answer(422, HEYGEN_ERROR), HEYGEN)

    assert isinstance(outcome, Rejected)
    assert outcome.failure.field == "prompt"
    assert outcome.failure.billed is False


def test_the_envelope_is_redacted_with_the_key_in_use() -> None:
    dialect = Dialect(
        heygen_progress.decode_accepted, partial(heygen_failures.refused, secrets=("s3cr3t-key",))
    )
    body = b'{"error":{"code":"unauthorized","message":"key s3cr3t-key is wrong"}}'
    outcome = classify_answer(_answer(401, body), dialect)

    assert isinstance(outcome, Rejected)
    assert outcome.failure == Failure(
        kind=FailureClass.CONFIG, detail="unauthorized: key [hidden] is wrong"
    )
