/** What a process of this machine has used so far, as Linux tells it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']).toString());

/** CPU time of all its threads, in milliseconds; Linux counts in steps of 10. */
export function cpuMs(pid: number): number {
  const [, behindName = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?=\S )/);
  const fields = behindName.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}

/** The most memory that it has held since `forgetPeak`, in MB. */
export const peakMb = (pid: number): number => statusMb(pid, 'VmHWM');

export const residentMb = (pid: number): number => statusMb(pid, 'VmRSS');

/** Has the peak counted anew from here. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** Lets a process, all its threads and what they start run on one core only. */
export const pinTo = (core: number, pid: number): void =>
  void execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)]);

function statusMb(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1_024;
}
