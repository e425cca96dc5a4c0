// A server with nothing to install. In the container: npm start; outside: http://127.0.0.1:3000
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { hostname, userInfo } from 'node:os';

const port = Number(process.env.PORT ?? 3000);
const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];

const server = createServer((request, response) => {
  const { username, uid } = userInfo();
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(
    [
      process.env.GREETING ?? 'Hello',
      `host name  ${hostname()}`,
      `system     ${system}`,
      `user       ${username} (${uid})`,
      `node       ${process.version}`,
      `you asked  ${request.method} ${request.url}`,
      '',
    ].join('\n'),
  );
});

server.listen(port, '127.0.0.1', () => console.log(`listening on port ${port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)));
