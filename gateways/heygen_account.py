"""What HeyGen's account has left, as it says it: for the doctor, not for any decision.

`GET /v3/users/me` fills exactly one of three blocks, every number of which may be missing
(heygen-cli); a wallet may read 0 while a plan's credits pay. `GET /v2/user/remaining_quota` counts
in sixtieths of a credit (docs.heygen.com, get-remaining-quota-v2).
"""

from __future__ import annotations

from gateways.classify import Answer
from gateways.lenient import Lenient, Maybe, read_json

ACCOUNT_PATH = "/v3/users/me"
OLD_ACCOUNT_PATH = "/v2/user/remaining_quota"
QUOTA_OF_A_CREDIT = 60


class _Wallet(Lenient):
    currency: Maybe[str] = None
    remaining_balance: Maybe[float] = None


class _Credits(Lenient):
    remaining: Maybe[float] = None


class _PlanCredits(Lenient):
    premium_credits: Maybe[_Credits] = None
    add_on_credits: Maybe[_Credits] = None


class _Plan(Lenient):
    plan: Maybe[str] = None
    credits: Maybe[_PlanCredits] = None


class _Usage(Lenient):
    remaining_credits: Maybe[float] = None


class _Account(Lenient):
    wallet: Maybe[_Wallet] = None
    subscription: Maybe[_Plan] = None
    usage_based: Maybe[_Usage] = None
    remaining_quota: Maybe[float] = None


class _AccountBody(Lenient):
    data: Maybe[_Account] = None


def left_over(answer: Answer) -> str | None:
    """`$93.20` or `120 credits (creator plan)`; None where the account does not say."""
    body = read_json(_AccountBody, answer.body)
    account = body.data if body else None
    if account is None:
        return None
    if account.remaining_quota is not None:
        return _credits(account.remaining_quota / QUOTA_OF_A_CREDIT)
    if account.wallet is not None and account.wallet.remaining_balance is not None:
        left, currency = account.wallet.remaining_balance, account.wallet.currency
        return f"${left:,.2f}" if currency in (None, "usd") else _credits(left)
    if account.usage_based is not None and account.usage_based.remaining_credits is not None:
        return _credits(account.usage_based.remaining_credits)
    return _of_plan(account.subscription)


def _of_plan(subscription: _Plan | None) -> str | None:
    held = subscription.credits if subscription else None
    if subscription is None or held is None:
        return None
    parts = (held.premium_credits, held.add_on_credits)
    known = [part.remaining for part in parts if part and part.remaining is not None]
    plan = f" ({subscription.plan} plan)" if subscription.plan else ""
    return f"{_credits(sum(known))}{plan}" if known else None


def _credits(count: float) -> str:
    return f"{count:,.0f} credits"
