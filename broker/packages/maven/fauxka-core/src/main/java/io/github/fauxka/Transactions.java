package io.github.fauxka;

import io.github.fauxka.control.TransactionView;
import io.github.fauxka.control.TransactionsOperations;
import java.util.List;

/** Transactional ids. */
public final class Transactions {
    private final TransactionsOperations transactions;

    Transactions(TransactionsOperations transactions) {
        this.transactions = transactions;
    }

    /** All transactional ids with their latest transactions. */
    public List<TransactionView> list() {
        return transactions.listTransactions();
    }

    /** A transactional id with its latest transaction. */
    public TransactionView get(String transactionalId) {
        return transactions.getTransaction(transactionalId);
    }

    /** Fences the id's producer, as one that takes its place would. */
    public void fence(String transactionalId) {
        transactions.fenceProducer(transactionalId);
    }
}
