/** Emoji by Slack's name or by character; pictures, so that a machine without emoji font shows them. */
import pictures from "virtual:emoji";

interface Emoji {
  name: string;
  character: string;
  source: string;
}

const byName = new Map<string, Emoji>();
const byCharacter = new Map<string, Emoji>();
for (const [name, character, body] of pictures) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${body}</svg>`;
  const emoji = { name, character, source: `data:image/svg+xml,${encodeURIComponent(svg)}` };
  byName.set(name, emoji);
  byCharacter.set(character, emoji);
}

const ALIASES: Record<string, string> = {
  thumbsup: "+1",
  thumbsdown: "-1",
  fox: "fox_face",
  check: "white_check_mark",
  hourglass_not_done: "hourglass_flowing_sand",
  money_bag: "moneybag",
  stop_sign: "octagonal_sign",
  robot: "robot_face",
  thinking: "thinking_face",
  pencil: "memo",
};

/** Matches any known emoji character, with or without the variation selector. */
export const EMOJI_CHARACTER = new RegExp(
  `(?:${[...byCharacter.keys()].sort((a, b) => b.length - a.length).join("|")})\uFE0F?`,
  "gu",
);

export function emojiNames(): string[] {
  return [...byName.keys()];
}

export function hasEmoji(name: string): boolean {
  return byName.has(ALIASES[name] ?? name);
}

export function EmojiNamed({ name }: { name: string }) {
  const bare = name.split("::")[0] ?? name;
  const emoji = byName.get(ALIASES[bare] ?? bare);
  return emoji ? <Picture emoji={emoji} /> : <>{`:${name}:`}</>;
}

export function EmojiCharacter({ character }: { character: string }) {
  const emoji = byCharacter.get(character.replace("\uFE0F", ""));
  return emoji ? <Picture emoji={emoji} /> : <>{character}</>;
}

function Picture({ emoji }: { emoji: Emoji }) {
  return (
    <img
      className="emoji"
      src={emoji.source}
      alt={emoji.character}
      title={`:${emoji.name}:`}
      draggable={false}
    />
  );
}
