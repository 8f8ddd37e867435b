/** The last line of a run, for people and programs: `N passed, N failed`, before it the name of every test left out. */
class ClosingLine {
  onRunComplete(_contexts, results) {
    const brokenSuites = results.testResults.filter(({ testExecError }) => testExecError !== undefined).length;
    const leftOut = results.testResults.flatMap(({ testFilePath, testResults }) =>
      testResults
        .filter(({ status }) => status !== 'passed' && status !== 'failed')
        .map(({ fullName, status }) => `${status}: ${fullName} (${testFilePath})`),
    );
    const skipped = leftOut.length > 0 ? `, ${leftOut.length} skipped` : '';
    const closing = `${results.numPassedTests} passed, ${results.numFailedTests + brokenSuites} failed${skipped}`;
    // jest's own summary comes after every other reporter, whatever their order.
    process.once('exit', () => process.stdout.write(`${[...leftOut, closing].join('\n')}\n`));
  }
}

// oxlint-disable-next-line import/no-default-export -- jest asks for one
export { ClosingLine as default };
