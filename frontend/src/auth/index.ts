export { RequireSession } from "./require-session";
export { SignInPage } from "./sign-in-page";
