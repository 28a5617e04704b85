-- a copy of a database takes no money
UPDATE payment_provider
   SET alipay_app_id = NULL,
       alipay_seller_id = NULL,
       alipay_private_key = NULL,
       alipay_public_key = NULL;
