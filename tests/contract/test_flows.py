"""Which flow of which official client is shown where; what a client cannot do is said, with why."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.contract import test_fal_client as fal
from tests.contract import test_runware_older_client as older
from tests.contract import test_runware_sdk as sdk

NOT_OFFERED = {
    ("conflict", "fal-client"): "fal knows no key of ours; a repeated submit is a second payment",
    ("cost", "fal-client"): "no answer of the queue has a price (test_fal_platform.py has prices)",
    ("partial success", "fal-client"): "a request has one result",
    ("cancel", "runware"): "Runware has no cancel",
}
CLIENTS: dict[str, ModuleType] = {"fal-client": fal, "runware-sdk": sdk, "runware": older}
FLOWS: dict[str, dict[str, str]] = {
    "submit": {
        "fal-client": "test_submit_events_and_result",
        "runware-sdk": "test_a_clip_is_acknowledged_polled_and_has_a_cost",
        "runware": "test_a_clip",
    },
    "poll": {
        "fal-client": "test_a_third_job_is_queued_with_its_position",
        "runware-sdk": "test_progress_is_told",
        "runware": "test_a_clip",
    },
    "result": {
        "fal-client": "test_subscribe_and_a_handle_rebuilt_from_the_id",
        "runware-sdk": "test_a_task_is_found_again_by_its_id",
        "runware": "test_more_results",
    },
    "cancel": {
        "fal-client": "test_cancel_of_a_queued_and_of_a_running_job",
        "runware-sdk": "test_there_is_no_cancel_an_aborted_wait_is_paid_all_the_same",
    },
    "upload": {
        "fal-client": "test_an_upload_is_used_as_the_first_frame",
        "runware-sdk": "test_an_upload_is_the_first_frame",
        "runware": "test_an_upload_is_the_first_frame",
    },
    "validation error": {
        "fal-client": "test_an_invalid_input_is_completed_then_422",
        "runware-sdk": "test_an_invalid_task_is_refused_by_parameter",
        "runware": "test_an_invalid_task",
    },
    "refused content": {
        "fal-client": "test_refused_content_is_422_of_its_own_type",
        "runware-sdk": "test_refused_content_is_a_matter_of_safety",
        "runware": "test_refused_content",
    },
    "conflict": {
        "runware-sdk": "test_a_used_task_uuid_is_a_conflict_and_is_not_paid",
        "runware": "test_a_used_id_is_a_conflict",
    },
    "cost": {
        "runware-sdk": "test_a_clip_is_acknowledged_polled_and_has_a_cost",
        "runware": "test_a_clip",
    },
    "partial success": {
        "runware-sdk": "test_partial_success_by_items",
        "runware": "test_partial_success",
    },
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_is_shown_or_not_offered(flow: str, client: str) -> None:
    name = FLOWS[flow].get(client)
    assert (name is None) is ((flow, client) in NOT_OFFERED)
    assert name is None or callable(getattr(CLIENTS[client], name))


@pytest.mark.parametrize("flow", FLOWS)
def test_runwares_client_shows_it_on_both_transports(flow: str) -> None:
    shown = getattr(sdk, FLOWS[flow]["runware-sdk"])
    marks = [mark.args for mark in shown.pytestmark if mark.name == "parametrize"]
    assert ("transport", ["rest", "websocket"]) in marks
