/** Loaded into the gateway before it starts (`--import`): sends its `LoopDelay` when it is asked anything. */
import { watchLoopDelay } from './loop-delay.ts';

const takeLoopDelay = watchLoopDelay();
process.on('message', () => process.send?.(takeLoopDelay()));
