/** What the composer offers while a person types. */
import { SquareSlash } from "lucide-react";
import type { ReactNode } from "react";

import { Avatar } from "./Avatar";
import { EmojiNamed, emojiNames } from "./emoji";
import { personName } from "./people";
import type { Manifest, SlashCommand, User } from "./wire";

export interface Suggestion {
  insert: string;
  label: string;
  hint?: string;
  note?: string;
  icon?: ReactNode;
}

interface Known {
  manifest: Manifest;
  users: ReadonlyMap<string, User>;
  isInThread: boolean;
}

interface Suggestions {
  /** Where the text that a choice replaces begins; it ends at the caret. */
  from: number;
  found: Suggestion[];
  /** How the command that was typed goes on. */
  usage?: string;
}

const MAX_SUGGESTIONS = 8;
const SHORTEST_EMOJI_NAME = 2;
const NONE: Suggestions = { from: 0, found: [] };

export function suggestionsFor(text: string, caret: number, known: Known): Suggestions {
  const before = text.slice(0, caret);
  const word = /(^|\s)([/@:])([\w.+-]*)$/.exec(before);
  if (word) {
    const [, gap = "", sign, prefix = ""] = word;
    const from = word.index + gap.length;
    if (sign === "/" && from === 0 && !known.isInThread) return { from, found: commands(prefix, known) };
    if (sign === "@") return { from, found: people(prefix.toLowerCase(), known) };
    if (sign === ":" && prefix.length >= SHORTEST_EMOJI_NAME) return { from, found: emoji(prefix) };
  }
  return known.isInThread ? NONE : { ...NONE, usage: usageOf(text, known) };
}

function allCommands({ manifest }: Known): SlashCommand[] {
  const bot = manifest.features?.bot_user?.display_name ?? "app";
  return [
    ...(manifest.features?.slash_commands ?? []),
    { command: "/invite", usage_hint: `@${bot}`, description: "Bring the app into this channel" },
  ];
}

function commands(prefix: string, known: Known): Suggestion[] {
  const app = known.manifest.display_information?.name;
  return allCommands(known)
    .filter(({ command }) => command.startsWith(`/${prefix}`))
    .map((command) => ({
      insert: command.command,
      label: command.command,
      hint: command.usage_hint,
      note: command.command === "/invite" ? command.description : `${command.description} · ${app}`,
      icon: <SquareSlash aria-hidden />,
    }));
}

function usageOf(text: string, known: Known): string | undefined {
  const name = /^(\/[\w-]+)\s+$/.exec(text)?.[1];
  const command = allCommands(known).find((each) => each.command === name);
  return command?.usage_hint && `${command.command} ${command.usage_hint}`;
}

function people(prefix: string, { users }: Known): Suggestion[] {
  return [...users.values()]
    .filter((user) => user.name.startsWith(prefix) || personName(user).toLowerCase().startsWith(prefix))
    .slice(0, MAX_SUGGESTIONS)
    .map((user) => ({
      insert: `@${user.name}`,
      label: personName(user),
      hint: user.is_bot ? "APP" : undefined,
      icon: <Avatar name={personName(user)} isApp={user.is_bot} size="small" />,
    }));
}

function emoji(prefix: string): Suggestion[] {
  return emojiNames()
    .filter((name) => name.startsWith(prefix))
    .slice(0, MAX_SUGGESTIONS)
    .map((name) => ({ insert: `:${name}:`, label: `:${name}:`, icon: <EmojiNamed name={name} /> }));
}
