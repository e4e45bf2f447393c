"""What HeyGen's account has left, as it says it: for the doctor, not for any decision.

`GET /v3/users/me` fills exactly one of three blocks, every number of which may be missing
(heygen-cli). What a key renders is paid from the prepaid wallet, at 0 it is refused with 402, also
where a plan's credits still pay in the web app (developers.heygen.com/docs/pricing). `GET
/v2/user/remaining_quota` counts in sixtieths of a credit (docs.heygen.com, get-remaining-quota-v2).
"""

from __future__ import annotations

from dataclasses import dataclass

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
    spending_cap_usd: Maybe[float] = None
    spending_current_usd: Maybe[float] = None


class _Account(Lenient):
    wallet: Maybe[_Wallet] = None
    subscription: Maybe[_Plan] = None
    usage_based: Maybe[_Usage] = None
    remaining_quota: Maybe[float] = None


class _AccountBody(Lenient):
    data: Maybe[_Account] = None


@dataclass(frozen=True, slots=True)
class Left:
    """What is left, in words: `$93.20`, `120 credits (creator plan)`."""

    words: str
    is_nothing: bool


def left_over(answer: Answer) -> Left | None:
    """What the account has left; None where it does not say."""
    body = read_json(_AccountBody, answer.body)
    account = body.data if body else None
    if account is None:
        return None
    if account.remaining_quota is not None:
        return _credits(account.remaining_quota / QUOTA_OF_A_CREDIT)
    if account.wallet is not None and account.wallet.remaining_balance is not None:
        left, currency = account.wallet.remaining_balance, account.wallet.currency
        return _dollars(left) if currency in (None, "usd") else _credits(left)
    return _of_usage(account.usage_based) or _of_plan(account.subscription)


def _of_usage(usage: _Usage | None) -> Left | None:
    """Beyond its credits such an account spends up to its cap, where it has one."""
    if usage is None or usage.remaining_credits is None:
        return None
    cap, spent = usage.spending_cap_usd, usage.spending_current_usd
    if cap is None or spent is None:
        return _credits(usage.remaining_credits)
    left = _credits(usage.remaining_credits, f" and ${cap - spent:,.2f} to its cap")
    return Left(left.words, is_nothing=left.is_nothing and spent >= cap)


def _of_plan(subscription: _Plan | None) -> Left | None:
    held = subscription.credits if subscription else None
    if subscription is None or held is None:
        return None
    parts = (held.premium_credits, held.add_on_credits)
    known = [part.remaining for part in parts if part and part.remaining is not None]
    plan = f" ({subscription.plan} plan)" if subscription.plan else ""
    return _credits(sum(known), plan) if known else None


def _dollars(left: float) -> Left:
    return Left(f"${left:,.2f}", is_nothing=left <= 0)


def _credits(count: float, plan: str = "") -> Left:
    return Left(f"{count:,.0f} credits{plan}", is_nothing=count <= 0)
