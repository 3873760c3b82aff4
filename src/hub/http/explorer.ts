/** The page at `/docs`, where the API is read and tried: how it looks, and what it may load. It does not know what it shows. */
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/**
 * Everything comes from the hub itself. No `upgrade-insecure-requests`: whoever opens the page over plain http at another address
 * than loopback would be sent for its scripts to a port that speaks no TLS, and see nothing.
 */
const POLICY = {
  'default-src': "'self'",
  // The icons of the page's own style are written into it.
  'img-src': ["'self'", 'data:'],
  'object-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
};

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path d="M7 3h12l7 7v17a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z" fill="#1c7c43"/>
<path d="M10 15h12v10H10z M10 20h12 M16 15v10" fill="#f3d98b" stroke="#7a5c12"/>
</svg>`;

/** On a telephone: nothing wider than the screen but what scrolls by itself. */
const STYLE = `
body { margin: 0; background: #fff; }
.swagger-ui .info { margin: 32px 0 16px; }
.swagger-ui .scheme-container { box-shadow: none; border-block: 1px solid #d8dde3; padding: 16px 0; }
.swagger-ui .markdown pre, .swagger-ui .highlight-code, .swagger-ui .responses-inner { overflow-x: auto; }
@media (max-width: 640px) {
  .swagger-ui .wrapper { padding: 0 12px; }
  .swagger-ui .info { margin-top: 20px; }
  .swagger-ui .info .title { font-size: 26px; }
  .swagger-ui .info .title small { top: -4px; }
  .swagger-ui .opblock-tag { flex-wrap: wrap; justify-content: space-between; padding-inline: 0; }
  .swagger-ui .opblock-tag small { order: 1; flex: 1 0 100%; padding: 4px 0 0; }
  .swagger-ui .opblock .opblock-summary-path { max-width: 100%; word-break: break-word; }
  .swagger-ui .opblock .opblock-summary-description { flex: 1 0 100%; padding-top: 4px; }
  .swagger-ui .opblock-body pre.microlight { white-space: pre-wrap; }
  .swagger-ui table.parameters, .swagger-ui .parameters > tbody, .swagger-ui .parameters > tbody > tr { display: block; }
}
`;

/** The plugin's own HTML says nothing of a telephone's width: it would be laid out for 980 px, and shrunk. */
const VIEWPORT = `{
  const meta = document.createElement('meta');
  meta.name = 'viewport';
  meta.content = 'width=device-width, initial-scale=1';
  document.head.append(meta);
}
`;

/** Registers the page; after the description it shows. The hub's own address leads there as well. */
export function explorer(server: FastifyInstance): void {
  void server.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: {
      // Without a bar that would load other descriptions.
      layout: 'BaseLayout',
      docExpansion: 'list',
      tryItOutEnabled: true,
      persistAuthorization: false,
      // What is taken and given stands with each operation.
      defaultModelsExpandDepth: -1,
    },
    staticCSP: POLICY,
    logo: { type: 'image/svg+xml', content: ICON },
    theme: {
      title: 'simbankd API',
      css: [{ filename: 'page.css', content: STYLE }],
      js: [{ filename: 'viewport.js', content: VIEWPORT }],
      favicon: [{ filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: ICON }],
    },
  });
  for (const path of ['/', '/api/docs']) {
    server.get(path, { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'));
  }
}
