"""What HeyGen's sources leave open or contradict, as switches; each default is the likelier one.

Where a switch has one choice, any value of its type may be set.
"""

from __future__ import annotations

from sandbox.vendors.switches import Switch

SCRIPT_LIMITS = {"free": 500, "creator": 1500, "team": 3000, "enterprise": 5000}  # seed 002
NEVER = 2.0  # a share of a render that is never reached
AS_A_RENDER = -1.0  # seconds: as long as a render takes
SUNSETS = ("off", "warned", "gone_410", "missing_404")
SWITCHES = {
    "sunset_legacy": Switch(
        "v1/v2: headers and warning block are witnessed until 2026-10-31, what came after is not",
        ("warned", "off", "gone_410", "missing_404"),
    ),
    "sunset_workflows": Switch("whether /v1/workflows/executions still answers", SUNSETS),
    "sunset_uploads": Switch("whether upload.heygen.com still answers", SUNSETS),
    "validation_status": Switch("400 by the CLI, 422 by one client", (400, 422)),
    "validation_errors": Switch("validation may also carry `errors: […]`", (False, True)),
    "agents_idempotent": Switch("the changelog's list leaves agents out", (False, True)),
    "idempotency_life_s": Switch("24 h; shorter to see a key forgotten", (24 * 3600.0,)),
    "submit_takes_s": Switch("a write's answer comes late, its effect at once", (0.0,)),
    "plan": Switch("script limits of seed 002", ("enterprise", "free", "creator", "team")),
    "billing": Switch("which block users/me fills", ("wallet", "subscription", "usage_based")),
    "wallet_usd": Switch("what the account holds", (100.0,)),
    "credit_check": Switch("no credit: 402, or accepted and failed later", ("submit", "late")),
    "concurrent_jobs": Switch("10 on pay-as-you-go", (10,)),
    "daily_videos": Switch("5 a day on a trial; 0 = no limit", (0,)),
    "agent_video_id_at": Switch(
        "share of the render after which a session has its video id; 0 at once, 2 never", (0.4,)
    ),
    "agent_questions": Switch("questions before the first video in chat mode", (1,)),
    "agent_fields": Switch("older schemas took auto_proceed", ("july", "older")),
    "statuses_words": Switch("`queued`, or the words of v1 status", ("v3", "v1")),
    "motion_prompt": Switch("june: rejected with Avatar V", ("july", "june")),
    "legacy_speed_max": Switch("1.5 by the studio API, 2.0 by seed 002", (1.5, 2.0)),
    "legacy_pitch_max": Switch("±20 by seed 002, ±50 in v3", (20.0, 50.0)),
    "legacy_webm_body": Switch(
        "seed 002's scenes, or the SDK's flat pose", ("video_inputs", "pose", "both")
    ),
    "legacy_refuses_photo_looks": Switch("v2: no modern photo avatars", (True, False)),
    "legacy_error_text": Switch("v2's `error` may be a bare string", (False, True)),
    "legacy_voice_in": Switch(
        "v2: whether the list has each avatar's own voice, or its details only", ("list", "details")
    ),
    "upload_max_mb": Switch("50 by docs.heygen.com, 10 by the older skill", (50, 10)),
    "link_life_s": Switch("7 days by the v2 page; v3 does not say", (7 * 24 * 3600,)),
    "download_lag_s": Switch("a completed film's file may follow later", (0.0,)),
    "training_s": Switch("until an avatar or a voice is ready; -1 = as a render", (-1.0,)),
    "webhook_secret_field": Switch("", ("secret", "signing_secret")),
    "webhook_probe": Switch("how a new endpoint is tried", ("OPTIONS", "GET", "none")),
    "webhook_probe_s": Switch("within 1 s", (1.0,)),
    "webhook_origin": Switch("send every https receiver's events to this local origin", ("",)),
    "callback_signed": Switch("callback_url deliveries carry no signature", (False, True)),
    "event_shape": Switch("the n8n trigger reads `event`", ("event_type", "event")),
    "agent_callback_id": Switch("where callback_id stands", ("top", "event_data")),
    "unsubscribed_events": Switch("events nobody subscribed to may come", (False, True)),
}
