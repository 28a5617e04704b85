-- a copy of a database takes no money
UPDATE payment_provider
   SET wechatpay_mchid = NULL,
       wechatpay_serial = NULL,
       wechatpay_private_key = NULL,
       wechatpay_api_v3_key = NULL,
       wechatpay_platform_serial = NULL,
       wechatpay_platform_key = NULL;
DELETE FROM payment_wechatpay_certificate;
