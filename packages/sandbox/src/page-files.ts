/** What a browser asks for to show the sandbox's page. */
export interface PageFiles {
  readonly html: string;
  readonly script: string;
  readonly style: string;
  /** SVG. */
  readonly icon: string;
  /** `/openapi.json` in Swagger UI. */
  readonly docsHtml: string;
  readonly docsScript: string;
  readonly docsStyle: string;
}
