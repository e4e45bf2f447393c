"""What fal's account has left, as its platform API says it: for the doctor, not for any decision.

`GET /account/billing?expand=credits` answers `{username, credits: {current_balance, currency}}` to
a key with the ADMIN scope (fal.ai/docs/platform-apis/v1/account/billing). A key with the API scope,
which is enough for rendering, gets 401 or 403 there (third parties report both): it cannot know.

What every key can learn is whether fal has locked the account, which it does without money and
sometimes with some: asking where a file could be put is then 403 with the reason, like a submit,
while a status is 200 as ever (github.com/fal-ai/fal/issues/1147). No file is put there.
"""

from __future__ import annotations

from decimal import Decimal

from gateways.classify import Answer
from gateways.fal_failures import stated_error
from gateways.fal_wire import encode_initiation
from gateways.http import Body, json_body
from gateways.lenient import Lenient, Maybe, read_json
from gateways.redact import detail

BILLING_PATH = "/account/billing?expand=credits"
LOCK_PATH = "/storage/upload/initiate?storage_type=gcs"
DOLLARS = "USD"


class _Credits(Lenient):
    current_balance: Maybe[Decimal] = None
    currency: Maybe[str] = None


class _Billing(Lenient):
    credits: Maybe[_Credits] = None


def lock_question() -> Body:
    """What `LOCK_PATH` is asked with: the name of a file that nobody will send."""
    return json_body(encode_initiation("never-sent.txt", "text/plain"))


def lock_told(answer: Answer, secrets: tuple[str, ...]) -> str | None:
    """fal's sentence about a locked account; None where it is not locked."""
    if answer.status not in (402, 403):
        return None
    stated = stated_error(answer)
    said = stated.detail if stated and isinstance(stated.detail, str) else f"HTTP {answer.status}"
    return detail(said, secrets)


def left_usd(answer: Answer) -> Decimal | None:
    """The prepaid balance in US dollars; None where the answer does not have one."""
    billing = read_json(_Billing, answer.body)
    held = billing.credits if billing else None
    if held is None or held.currency not in (None, DOLLARS):
        return None
    return held.current_balance
