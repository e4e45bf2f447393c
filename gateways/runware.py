"""Runware: tasks over REST, one a request.

A task's id is ours and is written down before it is sent. A second task of that id is refused as a
conflict and is not paid, so a lost answer costs nothing: the task is looked for, and where nobody
knows it the same one is sent again (runware.ai/docs, PyPI runware-sdk 1.8.0). There is no cancel.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256

from domain.gateway import (
    Accepted,
    Cancellation,
    Intent,
    Progress,
    Rejected,
    Remote,
    Submission,
    Uncertain,
    Unreadable,
)
from domain.offer import GatewayName
from domain.request import results_of
from domain.stored import Content, whole
from domain.submitting import submit_key
from gateways import runware_failures, runware_progress, runware_wire
from gateways.classify import Answer, Dialect, classify_answer
from gateways.http import READ_TIMEOUT_S, Http, json_body
from gateways.lenient import UnfamiliarWords
from gateways.runware_wire import Delivery
from gateways.uploads import uploaded

API_URL = "https://api.runware.ai/v1"
# Where results and uploads are (runware.ai/docs; seen: vm.runware.ai, im.runware.ai).
MEDIA_HOSTS = (".runware.ai",)

_TASKS = ""  # every task goes to the address itself


class Runware:
    """`domain.ports.Gateway` on Runware's tasks."""

    name = GatewayName.RUNWARE

    def __init__(
        self,
        http: Http,
        *,
        api_key: str,
        api_url: str = API_URL,
        delivery: Delivery | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._delivery = delivery or Delivery()
        hidden = self._delivery.upload_endpoint
        self._wire = http.bind(
            api_url, headers=headers, secrets=(api_key, *((hidden,) if hidden else ()))
        )
        self._clock = http.clock
        self._refused = partial(runware_failures.refused, secrets=self._wire.secrets)
        self._unfamiliar = UnfamiliarWords(self.name)

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission:
        """One `videoInference` task, once. What no task can say is refused before sending."""
        impossible = runware_wire.impossible(intent)
        if impossible is not None:
            return Rejected(impossible)
        body = runware_wire.encode_submission(intent, self._delivery)
        answer = await self._wire.submit(_TASKS, body, timeout_s=timeout_s)
        if not isinstance(answer, Answer):
            return answer
        accepted = _acceptance(intent)
        if runware_wire.conflicts(answer, intent.key):
            return accepted
        return classify_answer(answer, self._dialect(accepted))

    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission:
        """Whether Runware has the task; where it does not say so, the same task again: taken now,
        or refused as a conflict because it was taken before."""
        answer = await self._poll(intent.key)
        if isinstance(answer, Unreadable):
            return Uncertain(answer.reason)
        if runware_wire.knows(answer, intent.key):
            return _acceptance(intent)
        if not runware_wire.denies(answer):
            return Uncertain(f"HTTP {answer.status} to the question what became of it")
        if intent.is_unwanted:
            return Uncertain("Runware has no such task; it was cancelled, so it is not sent again")
        return await self.submit(intent, timeout_s=timeout_s)

    async def check(self, remote: Remote) -> Progress:
        """What `getResponse` says of all results."""
        answer = await self._poll(remote.remote_id)
        if isinstance(answer, Unreadable):
            return answer
        for word in runware_progress.unfamiliar_words(answer):
            self._unfamiliar.notice(word)
        return runware_progress.decode_progress(answer, remote, self._wire.secrets)

    async def cancel(self, remote: Remote) -> Cancellation:
        """There is none: a task runs on and is billed (runware-sdk, README)."""
        return Cancellation.NOT_OFFERED

    async def upload(self, content: Content, media_type: str, filename: str) -> str:
        """A picture in Runware's own storage, named as its inputs name it."""
        sent = await whole(content)
        name = f"{filename} {sha256(sent).hexdigest()} {self._clock.now()}"
        body = runware_wire.encode_upload(sent, media_type, task_uuid=submit_key(name))
        answer = await self._wire.read("POST", _TASKS, body=json_body(body))
        return uploaded(answer, read=runware_wire.decode_stored, refused=self._refused)

    async def _poll(self, task_uuid: str) -> Answer | Unreadable:
        body = json_body(runware_wire.encode_poll(task_uuid))
        return await self._wire.read("POST", _TASKS, body=body, timeout_s=READ_TIMEOUT_S)

    def _dialect(self, accepted: Accepted) -> Dialect:
        """Taken is what names our own id."""
        return Dialect(
            accepted=lambda answer: (
                accepted if runware_wire.acknowledges(answer, accepted.remote_id) else None
            ),
            refused=self._refused,
            misses_inputs=True,
        )


def _acceptance(intent: Intent) -> Accepted:
    """The task's id is the key of the submit. Later calls need how many results are due."""
    return Accepted(intent.key, {runware_progress.RESULTS: str(results_of(intent.work))})
