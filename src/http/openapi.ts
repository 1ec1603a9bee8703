export function openApi(operations: readonly unknown[], info: { version: string }): unknown {
  return { operations, info };
}
