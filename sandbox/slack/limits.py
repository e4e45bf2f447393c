"""Rate limits per method, as docs.slack.dev/apis/web-api/rate-limits describes them.

Tiers are calls a minute in a rolling window, so a whole minute's worth may come as one burst
(bursts are tolerated, their size is not published). `chat.postMessage` is about one a second in
each channel, with a small burst.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque

from sandbox.slack.naming import Clock

WINDOW_S = 60.0
POSTS_PER_S = 1.0
POST_BURST = 4
PER_CHANNEL = "chat.postMessage"


class Limits:
    """What was called in the last minute. Not `strict`: everything is allowed."""

    def __init__(self, clock: Clock, *, strict: bool = True) -> None:
        self.strict = strict
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._posts: dict[str, tuple[float, float]] = {}

    def wait_s(self, method: str, per_minute: int | None, channel: str = "") -> int:
        """0 and the call is counted, or the whole seconds for `Retry-After`."""
        if not self.strict:
            return 0
        if method == PER_CHANNEL:
            return self._wait_for_channel(channel)
        return self._wait_for_window(method, per_minute) if per_minute else 0

    def _wait_for_window(self, method: str, per_minute: int) -> int:
        now, calls = self._clock.now(), self._calls[method]
        while calls and calls[0] <= now - WINDOW_S:
            calls.popleft()
        if len(calls) >= per_minute:
            return max(1, math.ceil(calls[0] + WINDOW_S - now))
        calls.append(now)
        return 0

    def _wait_for_channel(self, channel: str) -> int:
        now = self._clock.now()
        tokens, at = self._posts.get(channel, (float(POST_BURST), now))
        tokens = min(float(POST_BURST), tokens + (now - at) * POSTS_PER_S)
        if tokens < 1:
            self._posts[channel] = (tokens, now)
            return max(1, math.ceil((1 - tokens) / POSTS_PER_S))
        self._posts[channel] = (tokens - 1, now)
        return 0

    def reset(self) -> None:
        """Forget every call."""
        self._calls.clear()
        self._posts.clear()
