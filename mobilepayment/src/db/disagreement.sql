SELECT 'o pedido ' || id FROM orders
WHERE NOT json_valid(body)
   OR (body ->> '$.id') IS NOT id
   OR (body ->> '$.account') IS NOT account
   OR (body ->> '$.status') IS NOT status
   OR (body ->> '$.total') IS NOT total_centavos
   OR (body ->> '$.revision') IS NOT sequence
   OR (body ->> '$.created_at') IS NOT created_at
UNION ALL
SELECT 'a tentativa ' || id FROM attempts
WHERE NOT json_valid(body)
   OR (body ->> '$.id') IS NOT CAST(id AS TEXT)
   OR (body ->> '$.terminal') IS NOT terminal
   OR (body ->> '$.amount') IS NOT amount_centavos
   OR (body ->> '$.reversed') IS NOT reversed_centavos
   OR (body ->> '$.outcome') IS NOT outcome
UNION ALL
SELECT 'o pedido ' || o.id FROM orders o
WHERE o.paid_centavos IS NOT
      (SELECT coalesce(sum(a.amount_centavos - a.reversed_centavos), 0) FROM attempts a
       WHERE a.order_id = o.id AND a.outcome = 'approved')
LIMIT 1
