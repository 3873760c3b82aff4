/** The floor of a poll, a process of its own: a bare handler with a constant body for each path. */
import Fastify from 'fastify';

const bodies: readonly string[] = process.argv.slice(2);
const server = Fastify();
for (const [i, body] of bodies.entries()) {
  server.get(`/${i}`, (_request, reply) => reply.type('application/json').send(body));
}
process.send!(await server.listen({ host: '127.0.0.1', port: 0 }));
process.on('disconnect', () => process.exit(0));
