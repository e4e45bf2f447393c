/** Files in messages: pictures, videos that play, and everything else as a card to download. */
import { Download, FileText } from "lucide-react";
import type { ReactNode } from "react";

import type { SlackFile } from "./wire";

const MAX_PREVIEW_WIDTH_PX = 420;
const MAX_PREVIEW_HEIGHT_PX = 360;

/** Where the page reads a file's bytes: `url_private` wants the bot's token, this does not. */
export function fileSource(file: SlackFile): string {
  return `page/files/${file.id}`;
}

export function thumbnailSource(file: SlackFile): string | undefined {
  return file.thumb_video || file.thumb_360 ? `page/files/${file.id}/thumbnail?size=720` : undefined;
}

export function Files({ files }: { files: SlackFile[] }) {
  return (
    <div className="files">
      {files.map((file) => <OneFile key={file.id} file={file} />)}
    </div>
  );
}

function OneFile({ file }: { file: SlackFile }) {
  if (file.mode === "tombstone") return <p className="block-note">This file was deleted.</p>;
  if (file.mimetype?.startsWith("video/")) return <Video file={file} />;
  if (file.mimetype?.startsWith("image/")) return <Picture file={file} />;
  return (
    <FileChip file={file}>
      <a href={fileSource(file)} download={file.name} aria-label={`Download ${file.name}`}>
        <Download aria-hidden />
      </a>
    </FileChip>
  );
}

function Video({ file }: { file: SlackFile }) {
  return (
    <figure className="file-video">
      <FileName file={file} />
      <video
        controls
        playsInline
        preload="metadata"
        data-testid="video"
        data-file-id={file.id}
        src={fileSource(file)}
        poster={thumbnailSource(file)}
        aria-label={file.alt_txt ?? file.title ?? file.name}
        style={previewSize(file)}
      />
    </figure>
  );
}

function Picture({ file }: { file: SlackFile }) {
  return (
    <figure className="file-image">
      <FileName file={file} />
      <a href={fileSource(file)} target="_blank" rel="noreferrer">
        <img
          src={fileSource(file)}
          alt={file.alt_txt || file.title || file.name || "Picture"}
          style={previewSize(file)}
          loading="lazy"
          data-testid="image"
        />
      </a>
    </figure>
  );
}

function FileName({ file }: { file: SlackFile }) {
  return (
    <figcaption>
      <span>{file.title || file.name}</span>
      {file.duration_ms ? <span className="quiet">{seconds(file.duration_ms)}</span> : null}
      <a href={fileSource(file)} download={file.name} aria-label={`Download ${file.name}`}>
        <Download aria-hidden />
      </a>
    </figcaption>
  );
}

export function FileChip({ file, children }: { file: SlackFile; children?: ReactNode }) {
  const isImage = file.mimetype?.startsWith("image/");
  return (
    <span className="file-chip" data-testid="file-chip">
      {isImage ? <img src={fileSource(file)} alt="" /> : <FileText aria-hidden />}
      <span className="file-chip-name">
        {file.title || file.name}
        {file.size ? <small>{readableSize(file.size)}</small> : null}
      </span>
      {children}
    </span>
  );
}

/** Room for the picture before its bytes arrive, so that nothing jumps while reading. */
function previewSize({ original_w, original_h, thumb_video_w, thumb_video_h }: SlackFile) {
  const width = original_w ?? thumb_video_w;
  const height = original_h ?? thumb_video_h;
  if (!width || !height) return undefined;
  const scale = Math.min(1, MAX_PREVIEW_WIDTH_PX / width, MAX_PREVIEW_HEIGHT_PX / height);
  return { width: Math.round(width * scale), aspectRatio: `${width} / ${height}` };
}

function seconds(duration_ms: number): string {
  const whole = Math.round(duration_ms / 1000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function readableSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
