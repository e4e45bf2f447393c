/** Names of people and places. */
import type { Channel, Message, User } from "./wire";
import type { Workspace } from "./workspace";

export function personName(user: User | undefined): string {
  if (!user) return "someone";
  return user.real_name || user.profile?.real_name || user.profile?.display_name || user.name;
}

export function channelName(
  channel: Channel,
  users: ReadonlyMap<string, User>,
  reader?: string,
): string {
  if (channel.is_im) return personName(users.get(otherIn(channel, reader) ?? ""));
  return channel.name ?? channel.id;
}

/** The other person of a direct message, as its reader sees it. */
export function otherIn(channel: Channel, reader?: string): string | undefined {
  return channel.members?.find((member) => member !== reader) ?? channel.user;
}

/** Who said it: a person, the bot by its user id, or another app by the name it gave itself. */
export function authorOf(message: Message, workspace: Pick<Workspace, "users" | "bot">) {
  const { users, bot } = workspace;
  const id = message.user ?? (message.bot_id === bot.bot_id ? bot.user_id : undefined);
  const user = users.get(id ?? "");
  const isApp = Boolean(message.bot_id || user?.is_bot || (id && id === bot.user_id));
  if (id === "USLACKBOT") return { id, name: "Slackbot", isApp: true };
  const name = message.username ?? (user ? personName(user) : (isApp ? (bot.name ?? "App") : "someone"));
  return { id: id ?? message.bot_id ?? "", name, isApp };
}

/** What a person sees in the sidebar: open channels, and private ones and DMs they are in. */
export function channelsOf(user: string, channels: Channel[]): Channel[] {
  return channels.filter((channel) => {
    const isClosed = channel.is_im || channel.is_private;
    return !isClosed || !channel.members || channel.members.includes(user);
  });
}

/** A stored message as its author typed it, for editing; the sandbox stores it again. */
export function toTyped(text: string, { users, channels }: Pick<Workspace, "users" | "channels">): string {
  return text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (whole, id: string) => {
      const user = users.get(id);
      return user ? `@${user.name}` : whole;
    })
    .replace(/<#(\w+)(?:\|[^>]*)?>/g, (whole, id: string) => {
      const channel = channels.find((each) => each.id === id);
      return channel ? `#${channel.name}` : whole;
    })
    .replace(/<(https?:\/\/[^|>]+)(?:\|[^>]*)?>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
