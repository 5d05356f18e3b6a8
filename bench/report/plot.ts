/** A line of a plot: what it is called, and its points. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

const width = 640;
const height = 320;
const barsLeft = 220;
const margin = { left: 60, right: 150, top: 34, bottom: 44 };
const colours = ["#1f5fa8", "#c2571a", "#3a7d44", "#7a4fa3", "#555555"];

/** Lines over a logarithmic x axis, as SVG. */
export function plotLines({ title, x, y }: Axes, lines: readonly Line[]): string {
  const all = lines.flatMap(({ points }) => points);
  const [lowX, highX] = [Math.min(...all.map(([px]) => px)), Math.max(...all.map(([px]) => px))];
  const highY = niceCeiling(Math.max(...all.map(([, py]) => py)));
  const span = Math.log(highX / lowX) || 1;
  const left = (px: number) => margin.left + ((width - margin.left - margin.right) * Math.log(px / lowX)) / span;
  const top = (py: number) => height - margin.bottom - ((height - margin.top - margin.bottom) * py) / highY;
  const ticksX = [...new Set(all.map(([px]) => px))].map((px) => text(left(px), height - 26, label(px), "middle"));
  const ticksY = [0, 0.25, 0.5, 0.75, 1].map(
    (part) => gridLine(top(part * highY)) + text(54, top(part * highY) + 4, label(part * highY), "end"),
  );
  const drawn = lines.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const path = points.map(([px, py]) => `${left(px).toFixed(1)},${top(py).toFixed(1)}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>
${text(width - margin.right + 12, 50 + 18 * index, name, "start", colour)}`;
  });
  return svg(title, [
    text(margin.left, 20, title, "start"),
    text((margin.left + width - margin.right) / 2, height - 8, x, "middle"),
    text(width - margin.right + 12, 32, y, "start"),
    ...ticksY,
    ...ticksX,
    ...drawn,
  ]);
}

/** Bars one below the other, each with what is asked of it where something is. */
export function plotBars(
  title: string,
  bars: readonly { readonly name: string; readonly value: number; readonly goal?: number }[],
): string {
  const high = Math.max(...bars.flatMap(({ value, goal = 0 }) => [value, goal]));
  const length = (value: number) => ((width - barsLeft - 60) * value) / high;
  const rows = bars.map(({ name, value, goal }, index) => {
    const y = 40 + 34 * index;
    const goalX = (barsLeft + length(goal ?? 0)).toFixed(1);
    const mark =
      goal === undefined
        ? ""
        : `<line x1="${goalX}" x2="${goalX}" y1="${y - 3}" y2="${y + 25}" stroke="#c2571a" stroke-width="2"/>`;
    return `<rect x="${barsLeft}" y="${y}" width="${length(value).toFixed(1)}" height="22" fill="#1f5fa8"/>${mark}
${text(barsLeft - 8, y + 16, name, "end")}${text(barsLeft + 6 + length(value), y + 16, value.toFixed(2), "start")}`;
  });
  return svg(title, [text(10, 20, title, "start"), ...rows], 50 + 34 * bars.length);
}

function svg(title: string, parts: readonly string[], tall = height): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${tall}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="${width}" height="${tall}" fill="#ffffff"/>
${parts.join("\n")}
</svg>
`;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end", colour = "#222222"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${words}</text>`;
}

function gridLine(y: number): string {
  return `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y}" y2="${y}" stroke="#dddddd"/>`;
}

function niceCeiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ([1, 2, 5, 10].find((step) => step * unit >= value) ?? 10);
}

function label(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  if (value >= 1e4) return `${value / 1e3} k`;
  return String(Number(value.toPrecision(3)));
}
