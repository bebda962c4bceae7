import { readdirSync, readFileSync } from 'node:fs';

/**
 * A process and all that it started, as far as they live.
 * @param {number} root
 * @returns {number[]}
 */
export function processTree(root) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has just ended.
    }
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/**
 * What a process and all that it started hold in memory. What they share counts for each.
 * @param {number} root
 */
export function residentMegabytes(root) {
  let kilobytes = 0;
  for (const pid of processTree(root)) {
    try {
      kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It has just ended.
    }
  }
  return Math.round(kilobytes / 1024);
}

/**
 * As when a laptop sleeps: nothing of it runs, and its clocks go on.
 * @param {number} root
 * @param {number} ms
 */
export async function putToSleep(root, ms) {
  const pids = processTree(root);
  const signal = (/** @type {NodeJS.Signals} */ name) => {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  signal('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, ms));
  signal('SIGCONT');
}
