import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What came back over a connection until the server closed it. */
export interface RawAnswer {
  /** Of the first answer; 0 where there was none. */
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
  /** Everything, from the first status line on. */
  readonly text: string;
}

/** Opens a connection that sends nothing by itself. */
export async function openConnection(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // a reset is an end like another
  await once(socket, "connect");
  return socket;
}

/** Sends the pieces as they come, each after the one before, and reads until the server closes. */
export async function sendRaw(
  port: number,
  pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<RawAnswer> {
  const socket = await openConnection(port);
  const answer = readToEnd(socket);
  for await (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
  }
  return answer;
}

export async function readToEnd(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  const text = Buffer.concat(chunks).toString("latin1");
  const [head = "", body = ""] = text.split("\r\n\r\n", 2);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    mediaType: /^content-type: ([^;\r]*)/im.exec(head)?.[1] ?? "",
    body,
    text,
  };
}
