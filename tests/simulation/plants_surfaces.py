"""Planted bugs in what is shown beside messages, and in where files are fetched from."""

from __future__ import annotations

from tests.simulation.plant import Edit, Plant

SURFACES_PLANTS: tuple[Plant, ...] = (
    Plant(
        name="files are fetched from any host",
        file="gateways/pinning.py",
        text="    if not _is_listed(host, hosts):\n",
        becomes="    if not host:\n",
    ),
    Plant(
        name="a link without encryption is followed",
        where="led_astray",
        file="gateways/pinning.py",
        text="""    if not url.lower().startswith("https://"):\n""",
        becomes="    if not url:\n",
    ),
    Plant(
        name="a redirect is followed without a look",
        file="gateways/download.py",
        text="            if reason is not None:\n",
        becomes="            if reason is not None and url == home:\n",
    ),
    Plant(
        name="a suggestion in an ack is not escaped",
        file="handlers/views/acks.py",
        text="    command = in_code(error.suggestion, keep_lines=True)\n",
        becomes="    command = error.suggestion\n",
    ),
    Plant(
        name="the whole prompt in a modal is not escaped",
        file="handlers/views/details.py",
        text="for piece in pieces(prompt, PIECE_MAX_CHARS)]",
        becomes="for piece in (prompt[:PIECE_MAX_CHARS],)]",
    ),
    Plant(
        name="a file's title has the prompt in it",
        file="handlers/views/announcements.py",
        text="    return dotted(take_label(page, take), _shape(take), result_words(take, video))\n",
        becomes="    return dotted(take_label(page, take), take.execution.work.said)\n",
    ),
    Plant(
        name="words through a response_url are not escaped",
        file="handlers/views/notices.py",
        text="    what = prompt_line(page.takes[0])\n",
        becomes="    what = page.takes[0].execution.work.said\n",
    ),
    Plant(
        name="the status of all workspaces is shown in each",
        file="storage/executions.py",
        text="""        "SELECT * FROM execution WHERE team_id = :team AND (state IN"\n""",
        becomes="""        "SELECT * FROM execution WHERE :team <> '' AND (state IN"\n""",
        also=(
            Edit(
                file="storage/executions.py",
                text="AND (:channel = '' OR channel = :channel)",
                becomes="AND (:channel <> 'nowhere')",
            ),
        ),
    ),
)
