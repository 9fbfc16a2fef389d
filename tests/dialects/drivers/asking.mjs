/** What the drivers share: asking until something is so, and wanting a call to be refused. */

export async function until(ask, isSo, what) {
  for (let tries = 0; tries < 600; tries++) {
    const told = await ask();
    if (isSo(told)) return told;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: never`);
}

/** The error of a call that must fail. */
export async function refused(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("It was not refused.");
}

export async function main(drive) {
  try {
    await drive(...process.argv.slice(2));
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
  console.log("ok");
  process.exit(0);
}
