import { Clapperboard } from "lucide-react";

const COLOURS = 8;

interface AvatarProps {
  name: string;
  isApp?: boolean;
  size?: "small";
}

/** A square with the initial; the bot's is its clapperboard. */
export function Avatar({ name, isApp, size }: AvatarProps) {
  const className = `avatar ${size ?? ""} ${isApp ? "avatar-app" : `avatar-${colourOf(name)}`}`;
  return (
    <span className={className} aria-hidden>
      {isApp ? <Clapperboard /> : name.slice(0, 1).toUpperCase()}
    </span>
  );
}

function colourOf(name: string): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) >>> 0;
  return sum % COLOURS;
}
