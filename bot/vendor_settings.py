"""The settings of the vendors we pay: keys, addresses, and what only an operator may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.setting_types import Key, Said, SecretUrl, Url
from domain.plans import Plan

TTL_MIN_S = 3_600  # Runware's own least is 60, less than a fetch may take to succeed


class VendorSettings(BaseModel):
    """What each vendor needs."""

    heygen_api_key: Key | None = Field(
        None, description="HeyGen's key. One key of HeyGen, fal or Runware is enough."
    )
    heygen_api_url: Url = Field("https://api.heygen.com", description="Where HeyGen's API is.")
    heygen_upload_url: Url = Field(
        "https://upload.heygen.com", description="Where HeyGen takes pictures in its v2 API."
    )
    heygen_webhook_secret: Key | None = Field(
        None, description="What `bin/run webhooks` printed: HeyGen signs its events with it."
    )
    heygen_api_version: Annotated[Literal["v2", "v3"], Said] = Field(
        "v3", description="Which HeyGen API is used where it has both."
    )
    heygen_plan: Annotated[Plan, Said] | None = Field(
        None,
        description="Your plan, by which HeyGen's v2 API limits scripts: free, creator, team,\n"
        "enterprise.",
    )
    fal_key: Key | None = Field(None, description="fal's key, id:secret.")
    fal_queue_url: Url = Field("https://queue.fal.run", description="Where fal's queue is.")
    fal_rest_url: Url = Field("https://rest.fal.ai", description="Where fal hands out uploads.")
    fal_cdn_url: Url = Field("https://v3.fal.media", description="Where fal keeps uploaded files.")
    fal_api_url: Url = Field(
        "https://api.fal.ai/v1", description="Where fal's platform API is: its request history."
    )
    fal_jwks_url: Url = Field(
        "https://rest.fal.ai/.well-known/jwks.json",
        description="Where the keys are that fal signs its webhooks with.",
    )
    fal_webhook_user_id: Annotated[str, Said] | None = Field(
        None, description="X-Fal-Webhook-User-Id of your account; others' webhooks are refused."
    )
    runware_api_key: Key | None = Field(None, description="Runware's key.")
    runware_api_url: Url = Field(
        "https://api.runware.ai/v1", description="Where Runware takes its tasks."
    )
    runware_output_quality: Annotated[int, Field(ge=20, le=99), Said] | None = Field(
        None, description="How little Runware's results are compressed, 20 to 99; its own: 95."
    )
    runware_ttl_s: Annotated[int, Field(ge=TTL_MIN_S), Said] | None = Field(
        None, description="Seconds that Runware keeps a result; an hour at least, to be fetched."
    )
    runware_safety: Annotated[Literal["none", "fast", "full"], Said] = Field(
        "none", description="Whether Runware checks results: none, fast (key frames), full."
    )
    runware_upload_endpoint: SecretUrl | None = Field(
        None, description="An https address of yours that also gets each result of Runware, by PUT."
    )
