import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBudget } from './byte-budget.ts';

test('what is held together stays within the budget, and what is given back can be had again', () => {
  const budget = new ByteBudget(100);
  const tooMuch = { code: 'overloaded', retryAfterSeconds: 2 };
  {
    using first = budget.reserve(60);
    using second = budget.reserve(0);
    second.grow(40);
    assert.throws(() => first.grow(1), tooMuch);
    assert.throws(() => budget.reserve(1), tooMuch);
    second[Symbol.dispose]();
    second[Symbol.dispose](); // gives back once
    first.grow(40);
    assert.throws(() => first.grow(1), tooMuch);
  }
  using _all = budget.reserve(100);
  assert.throws(() => budget.reserve(1), tooMuch);
});
