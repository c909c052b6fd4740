import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

// Starts a cluster on free ports. It ends with stop(), and with this process at the latest.
export async function start() {
  const options = ['--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--topic', 'orders', '--log', 'warn', '--exit-with-parent'];
  const program = spawn('fauxka', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(program, 'spawn');
  const [line] = await once(createInterface(program.stdout), 'line');
  const ready = Object.fromEntries(line.split(' ').slice(1).map((word) => word.split('=')));
  return {
    bootstrap: ready.bootstrap,
    // Asks the control port: a POST if there is a body, else a GET.
    async control(path, body) {
      const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
      const answer = await fetch(ready.control + path, body ? post : {});
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      return text && JSON.parse(text);
    },
    async stop() {
      program.kill();
      await once(program, 'exit');
    },
  };
}
