/**
 * run.js REPORT FILE…: runs tests with Node's runner, prints its lines, and writes a JUnit report for
 * ./check where this Node can.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import * as reporters from 'node:test/reporters';

const [report, ...files] = process.argv.slice(2);
mkdirSync(dirname(report), { recursive: true });
rmSync(report, { force: true });
const [major, minor] = process.versions.node.split('.').map(Number);
const options = ['--test', '--test-reporter=spec', '--test-reporter-destination=stdout'];
if ('junit' in reporters) {
  options.push('--test-reporter=junit', `--test-reporter-destination=${report}`);
}
// Browsers of two files at once would starve each other. Before 21.0 and 20.10 Node has no such option.
if (major > 20 || (major === 20 && minor >= 10)) options.push('--test-concurrency=1');
process.exitCode = spawnSync(process.execPath, [...options, ...files], { stdio: 'inherit' }).status ?? 1;
