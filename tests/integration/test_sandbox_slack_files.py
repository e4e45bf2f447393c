"""Files v2: exact lengths, shares that come later, private URLs, and what a player needs."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import av
import pytest
from PIL import Image
from slack_sdk.errors import SlackApiError

from tests.integration.sandbox_slack import LocalSlack, local_slack, manifest, until

Json = dict[str, Any]


def png(width: int = 320, height: int = 180) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(drawn, "PNG")
    return drawn.getvalue()


def mp4() -> bytes:
    """One second of 160 x 90."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for _ in range(10):
            picture = Image.new("RGB", (160, 90), "teal")
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call] # PyAV's gap
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return written.getvalue()


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with local_slack(strict_rates=False) as running:
        yield running


async def send(slack: LocalSlack, content: bytes, name: str = "take.png") -> str:
    """Ask for an upload URL and post the bytes; returns the file id."""
    asked = await slack.client.files_getUploadURLExternal(filename=name, length=len(content))
    async with slack.session.post(asked["upload_url"], data=content) as sent:
        assert (sent.status, await sent.text()) == (200, f"OK - {len(content)}")
    return str(asked["file_id"])


async def share(slack: LocalSlack, file_id: str, **where: Any) -> Json:
    """Complete the upload and wait for the share; returns the file of `files.info`."""
    await slack.client.files_completeUploadExternal(files=[{"id": file_id, "title": "T"}], **where)
    await until(lambda: slack.sandbox.workspace.files.get(file_id).shares)  # type: ignore[union-attr] # it exists
    file: Json = (await slack.client.files_info(file=file_id))["file"]
    return file


async def headers_of(slack: LocalSlack) -> dict[str, str]:
    return {"Authorization": f"Bearer {slack.greeting['slack_bot_token']}"}


async def test_the_share_comes_after_the_ok_and_lands_in_the_thread(slack: LocalSlack) -> None:
    channel = slack.channel("launch-film")
    parent = await slack.client.chat_postMessage(channel=channel, text="shot")
    file_id = await send(slack, png())
    done = await slack.client.files_completeUploadExternal(
        files=[{"id": file_id, "title": "Take 1"}],
        channel_id=channel,
        thread_ts=parent["ts"],
        initial_comment="here",
    )
    assert done["files"][0]["shares"] == {}
    assert (await slack.client.files_info(file=file_id))["file"]["shares"] == {}
    message = await until(lambda: [m for m in slack.messages("launch-film") if m.get("files")])
    file = (await slack.client.files_info(file=file_id))["file"]
    placed = file["shares"]["public"][channel][0]
    assert (placed["ts"], placed["thread_ts"]) == (message[0]["ts"], parent["ts"])
    assert (message[0]["text"], message[0]["files"][0]["title"]) == ("here", "Take 1")
    assert file["channels"] == [channel]


async def test_a_private_share_is_private(slack: LocalSlack) -> None:
    channel = slack.channel("secret-launch")
    file = await share(slack, await send(slack, png()), channel_id=channel)
    assert list(file["shares"]) == ["private"]
    assert (file["is_public"], file["groups"]) == (False, [channel])


async def test_bytes_must_have_exactly_the_announced_length(slack: LocalSlack) -> None:
    asked = await slack.client.files_getUploadURLExternal(filename="a.png", length=10)
    async with slack.session.post(asked["upload_url"], data=b"x" * 9) as sent:
        assert sent.status == 400
    refused = await slack.refusal("files.completeUploadExternal", files=[{"id": asked["file_id"]}])
    assert refused["error"] == "file_not_found"
    form = aiohttp.FormData()
    form.add_field("filename", b"x" * 10, filename="a.png")
    async with slack.session.post(asked["upload_url"], data=form) as sent:
        assert sent.status == 200
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await slack.client.files_getUploadURLExternal(filename="a.png", length=0)


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ({"channel_id": "not-a-member"}, "not_in_channel"),
        ({"channel_id": "dm-ada-ben"}, "channel_not_found"),
        ({"channel_id": "general", "thread_ts": "1.000001"}, "thread_not_found"),
    ],
)
async def test_where_a_file_cannot_go(slack: LocalSlack, where: Json, error: str) -> None:
    file_id = await send(slack, png())
    where = {**where, "channel_id": slack.channel(where["channel_id"])}
    refused = await slack.refusal("files.completeUploadExternal", files=[{"id": file_id}], **where)
    assert refused["error"] == error


async def test_the_official_upload_helper_works(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    uploaded = await slack.client.files_upload_v2(
        channel=channel, content=png(), filename="fox.png", title="Fox"
    )
    assert uploaded["file"]["mimetype"] == "image/png"
    await until(lambda: slack.messages("general"))


async def test_ok_and_never_shared(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    await slack.control("fault", target="slack:files.completeUploadExternal", kind="not_shared")
    file_id = await send(slack, png())
    await slack.client.files_completeUploadExternal(files=[{"id": file_id}], channel_id=channel)
    asked = await slack.client.files_getUploadURLExternal(
        filename="b.png", length=3, alt_txt="the known bug"
    )
    async with slack.session.post(asked["upload_url"], data=b"abc"):
        pass
    await slack.client.files_completeUploadExternal(
        files=[{"id": asked["file_id"]}], channel_id=channel
    )
    await asyncio.sleep(0.1)
    assert slack.messages("general") == []
    assert (await slack.client.files_info(file=file_id))["file"]["shares"] == {}


async def test_private_urls_want_the_token_and_the_scope(slack: LocalSlack) -> None:
    file = await share(slack, await send(slack, png()), channel_id=slack.channel("general"))
    for url in (file["url_private"], file["url_private_download"]):
        async with slack.session.get(url) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
        async with slack.session.get(url, headers=await headers_of(slack)) as answer:
            assert (answer.content_type, await answer.read()) == ("image/png", png())
    async with slack.session.get(file["thumb_64"], headers=await headers_of(slack)) as answer:
        assert max(Image.open(io.BytesIO(await answer.read())).size) == 64
    async with local_slack(manifest(without="files:read")) as other:
        shape = await other.upload("ada", "a.png", png())
        await other.control("message", user="ada", channel="general", text="", files=[shape["id"]])
        url = shape["url_private"]
        async with other.session.get(url, headers=await headers_of(other)) as answer:
            assert answer.content_type == "text/html"


async def test_a_video_has_a_length_and_a_picture(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    file = await share(slack, await send(slack, mp4(), "take.mp4"), channel_id=channel)
    assert (file["mimetype"], file["duration_ms"]) == ("video/mp4", 1000)
    assert (file["thumb_video_w"], file["thumb_video_h"]) == (160, 90)
    page = f"{slack.greeting['page_url']}page/files/{file['id']}/thumbnail"
    for url in (file["thumb_video"], page):
        async with slack.session.get(url, headers=await headers_of(slack)) as answer:
            assert Image.open(io.BytesIO(await answer.read())).size == (160, 90)
    broken = await slack.upload("ada", "broken.mp4", b"no video")
    assert "duration_ms" not in broken
    url = f"{slack.greeting['page_url']}page/files/{broken['id']}/thumbnail"
    async with slack.session.get(url) as answer:
        assert answer.status == 404


async def test_the_bot_sees_files_only_where_it_is(slack: LocalSlack) -> None:
    shape = await slack.upload("ada", "My Fox.PNG", png())
    assert (shape["name"], shape["title"]) == ("My Fox.PNG", "My Fox.PNG")
    assert shape["url_private"].endswith("/my_fox.png")
    assert (shape["original_w"], shape["original_h"]) == (320, 180)
    await slack.control("message", user="ada", channel="not-a-member", text="", files=[shape["id"]])
    with pytest.raises(SlackApiError, match="file_not_found"):
        await slack.client.files_info(file=shape["id"])
    await slack.control("message", user="ada", channel="general", text="", files=[shape["id"]])
    seen = (await slack.client.files_info(file=shape["id"]))["file"]
    assert set(seen["shares"]["public"]) == {
        slack.channel("general"),
        slack.channel("not-a-member"),
    }
    with pytest.raises(SlackApiError, match="cant_delete_file"):
        await slack.client.files_delete(file=shape["id"])


async def test_a_deleted_file_leaves_a_tombstone(slack: LocalSlack) -> None:
    file = await share(slack, await send(slack, png()), channel_id=slack.channel("general"))
    await slack.client.files_delete(file=file["id"])
    assert slack.messages("general")[0]["files"] == [{"id": file["id"], "mode": "tombstone"}]
    with pytest.raises(SlackApiError, match="file_not_found"):
        await slack.client.files_info(file=file["id"])


async def test_image_blocks_show_only_images_the_app_has(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    picture, words = await send(slack, png()), await send(slack, b"hello", "notes.txt")

    def block(file_id: str) -> list[Json]:
        return [{"type": "image", "alt_text": "a", "slack_file": {"id": file_id}}]

    early = await slack.refusal(
        "chat.postMessage", channel=channel, text="x", blocks=block(picture)
    )
    assert "invalid slack file" in early["errors"][0]
    ready: list[dict[str, str | None]] = [{"id": picture}, {"id": words}]
    await slack.client.files_completeUploadExternal(files=ready)
    for file_id in (words, "F0NOWHERE"):
        refused = await slack.refusal(
            "chat.postMessage", channel=channel, text="x", blocks=block(file_id)
        )
        assert refused["error"] == "invalid_blocks"
    await slack.client.chat_postMessage(channel=channel, text="x", blocks=block(picture))
    url = (await slack.client.files_info(file=picture))["file"]["url_private"]
    by_url = [{"type": "image", "alt_text": "a", "slack_file": {"url": url}}]
    await slack.client.chat_postMessage(channel=channel, text="x", blocks=by_url)


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=0-3", 206, b"0123"),
        ("bytes=4-", 206, b"456789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=10-", 416, b""),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
async def test_the_page_gets_parts_of_a_file(
    slack: LocalSlack, asked: str, status: int, body: bytes
) -> None:
    shape = await slack.upload("ada", "clip.mp4", b"0123456789")
    url = f"{slack.greeting['page_url']}page/files/{shape['id']}"
    async with slack.session.get(url, headers={"Range": asked}) as answer:
        assert (answer.status, await answer.read()) == (status, body)
        assert answer.headers.get("Accept-Ranges") == (None if status == 416 else "bytes")


async def test_nothing_uploaded_runs_as_a_script_of_the_page(slack: LocalSlack) -> None:
    shape = await slack.upload("ada", "evil.html", b"<script>alert(1)</script>")
    async with slack.session.get(f"{slack.greeting['page_url']}page/files/{shape['id']}") as answer:
        assert answer.headers["Content-Disposition"] == "attachment"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_upload_faults_strike_before_or_after(slack: LocalSlack) -> None:
    asked = await slack.client.files_getUploadURLExternal(filename="a.png", length=3)
    await slack.control("fault", target="slack:upload", kind="status", params={"status": 503})
    await slack.control("fault", target="slack:upload", kind="reset_after")
    async with slack.session.post(asked["upload_url"], data=b"abc") as answer:
        assert answer.status == 503
    with pytest.raises(aiohttp.ClientConnectionError):
        await slack.session.post(asked["upload_url"], data=b"abc")
    done = await slack.client.files_completeUploadExternal(files=[{"id": asked["file_id"]}])
    assert done["files"][0]["size"] == 3
