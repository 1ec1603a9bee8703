/** Loaded into the gateway before it starts (`--import`): sends its `LoopDelay` when it is asked anything. */
import { takeLoopDelay } from './loop-delay.ts';

process.on('message', () => process.send?.(takeLoopDelay()));
