type Attributes = Readonly<Record<string, string>>;

/** Builds an element without markup, so that no Content-Security-Policy and no Trusted Types stand in the way. */
export function build<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A picture of one path in a square of 24, drawn as a line in the colour of the text. */
export function buildIcon(path: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(svg.namespaceURI, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const icons = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M7 7l10 10M17 7L7 17",
  exclamation: "M12 5.5v8M12 18v.5",
  delete: "M9 5.5h10.5v13H9L3.5 12zM12.5 9.5l4.5 5M17 9.5l-4.5 5",
} as const;
