package spegel.store;

/** Hears of what comes and goes in a store. */
@FunctionalInterface
public interface StoreListener {
  void onEvent(StoreEvent event);
}
