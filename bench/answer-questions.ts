/** In a program of the benchmark: answers what `Program.ask` asks, and ends with the process that started it. */
export function answerQuestions<Question>(answer: (question: Question) => Promise<unknown>): void {
  process.on('message', (question: Question) => {
    answer(question).then(
      (value) => process.send?.(value),
      (error: Error) => process.send?.({ error: error.message }),
    );
  });
  process.once('disconnect', () => process.exit());
}
