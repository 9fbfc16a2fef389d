import { Button } from "./button";
import styles from "./table.module.css";

interface MoreToLoad {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** Where a list goes on. */
export function ListFoot({ list, what, shown }: { list: MoreToLoad; what: string; shown: number }) {
  if (!list.hasNextPage) return null;
  return (
    <div className={styles.foot}>
      <span>
        {shown} {what} shown
      </span>
      <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
        {list.isFetchingNextPage ? "Loading…" : "Load more"}
      </Button>
    </div>
  );
}
