/** The left column: workspace, who you are, channels, direct messages, and what is behind it all. */
import { Activity, ChevronDown, Hash, Lock, Moon, Receipt, Sun, SunMoon, Zap } from "lucide-react";

import { Avatar } from "./Avatar";
import { Menu } from "./Menu";
import type { Tab } from "./panels/Drawer";
import { channelName, channelsOf, otherIn, personName } from "./people";
import type { Channel } from "./wire";
import { useWorkspace } from "./workspace";

interface SidebarProps {
  reader: string;
  onReader: (user: string) => void;
  channel?: string;
  onChannel: (channel: string) => void;
  unread: ReadonlySet<string>;
  tab: string;
  onTab: (tab: Tab | "") => void;
  theme: string;
  onTheme: (theme: string) => void;
}

const NEXT_THEME: Record<string, string> = { system: "light", light: "dark", dark: "system" };
const THEME_ICONS = { system: SunMoon, light: Sun, dark: Moon };

export function Sidebar(props: SidebarProps) {
  const team = useWorkspace((workspace) => workspace.team);
  const channels = useWorkspace((workspace) => workspace.channels);
  const seen = channelsOf(props.reader, channels);
  return (
    <nav className="sidebar" aria-label="Channels and direct messages">
      <header className="workspace-head">
        <h2>{team.name ?? "Sandbox"}</h2>
        <ThemeButton {...props} />
      </header>
      <UserSwitch {...props} />
      <div className="sidebar-scroll" tabIndex={-1}>
        <Group title="Channels" channels={seen.filter((each) => !each.is_im)} {...props} />
        <Group title="Direct messages" channels={seen.filter((each) => each.is_im)} {...props} />
        <BehindTheScenes {...props} />
      </div>
    </nav>
  );
}

function ThemeButton({ theme, onTheme }: SidebarProps) {
  const Icon = THEME_ICONS[theme as keyof typeof THEME_ICONS] ?? SunMoon;
  return (
    <button
      type="button"
      className="icon-button on-dark"
      data-testid="theme"
      aria-label={`Colours: ${theme}. Change`}
      title={`Colours: ${theme}`}
      onClick={() => onTheme(NEXT_THEME[theme] ?? "system")}
    >
      <Icon aria-hidden />
    </button>
  );
}

function UserSwitch({ reader, onReader }: SidebarProps) {
  const users = useWorkspace((workspace) => workspace.users);
  const people = [...users.values()].filter((user) => !user.is_bot && user.id !== "USLACKBOT");
  const name = personName(users.get(reader));
  return (
    <div className="user-switch">
      <Menu
        className="user-button"
        testId="user-switch"
        items={people.map((user) => ({
          label: personName(user),
          icon: <Avatar name={personName(user)} size="small" />,
          isChecked: user.id === reader,
          testId: `user-${user.name}`,
          onSelect: () => onReader(user.id),
        }))}
      >
        <Avatar name={name} size="small" />
        <span>You are {name}</span>
        <ChevronDown aria-hidden />
      </Menu>
    </div>
  );
}

function Group(props: SidebarProps & { title: string; channels: Channel[] }) {
  const { title, channels, channel: current, onChannel, unread, reader } = props;
  const users = useWorkspace((workspace) => workspace.users);
  return (
    <div>
      <h3>{title}</h3>
      <ul aria-label={title}>
        {channels.map((channel) => {
          const isUnread = unread.has(channel.id);
          return (
            <li key={channel.id}>
              <button
                type="button"
                className={`channel-link ${isUnread ? "unread" : ""}`}
                aria-current={channel.id === current ? "page" : undefined}
                data-testid="channel"
                data-channel={channel.name ?? channel.id}
                onClick={() => onChannel(channel.id)}
              >
                <ChannelIcon channel={channel} reader={reader} />
                <span>{channelName(channel, users, reader)}</span>
                {isUnread && <span className="unread-dot"><span className="visually-hidden">unread</span></span>}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

export function ChannelIcon({ channel, reader }: { channel: Channel; reader: string }) {
  const users = useWorkspace((workspace) => workspace.users);
  if (channel.is_im) {
    const other = users.get(otherIn(channel, reader) ?? "");
    return <Avatar name={personName(other)} isApp={other?.is_bot} size="small" />;
  }
  return channel.is_private ? <Lock aria-label="private" /> : <Hash aria-hidden />;
}

function BehindTheScenes({ tab, onTab }: SidebarProps) {
  const armed = useWorkspace((workspace) => workspace.faults.length);
  const links: [Tab, string, typeof Activity, number][] = [
    ["traffic", "Traffic", Activity, 0],
    ["ledger", "What was paid", Receipt, 0],
    ["faults", "Faults", Zap, armed],
  ];
  return (
    <div>
      <h3>Behind the scenes</h3>
      <ul aria-label="Behind the scenes">
        {links.map(([name, title, Icon, count]) => (
          <li key={name}>
            <button
              type="button"
              className="channel-link"
              aria-pressed={tab === name}
              data-testid={`${name}-toggle`}
              onClick={() => onTab(tab === name ? "" : name)}
            >
              <Icon aria-hidden />
              <span>{title}</span>
              {count > 0 && <span className="badge">{count}<span className="visually-hidden"> armed</span></span>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
